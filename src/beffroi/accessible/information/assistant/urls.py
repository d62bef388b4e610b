from django.urls import path

from . import desk_views, views

app_name = "assistant"
urlpatterns = [
    path("question/", views.ask, name="ask"),
    path("question/<str:ref>/", views.conversation, name="conversation"),
    path("question/<str:ref>/echanges/", views.turns, name="turns"),
    path("question/<str:ref>/choix/<int:turn_id>/", views.choose, name="choose"),
    path("question/<str:ref>/avis/<int:turn_id>/", views.judge, name="judge"),
    path("question/<str:ref>/agent/", views.hand_over, name="hand_over"),
    path("bureau/conversations/", desk_views.hand_overs, name="desk"),
    path("bureau/conversations/<int:pk>/", desk_views.conversation, name="desk_conversation"),
    path("bureau/conversations/<int:pk>/echanges/", desk_views.turns, name="desk_turns"),
    path("bureau/conversations/<int:pk>/prendre/", desk_views.take, name="take"),
    path("bureau/conversations/<int:pk>/repondre/", desk_views.answer, name="answer"),
    path("bureau/conversations/<int:pk>/noter/", desk_views.note, name="note"),
    path("bureau/conversations/<int:pk>/terminer/", desk_views.close, name="close"),
    path("bureau/conversations/<int:pk>/transmettre/", desk_views.transfer, name="transfer"),
]

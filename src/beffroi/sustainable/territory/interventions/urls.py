from django.urls import path

from . import views

app_name = "interventions"
urlpatterns = [
    path("bureau/interventions/", views.interventions, name="interventions"),
    path("bureau/interventions/terrain/", views.field, name="field"),
    path("bureau/interventions/<slug:ref>/", views.intervention, name="intervention"),
    path("bureau/interventions/<slug:ref>/etat/", views.state, name="state"),
    path("bureau/interventions/<slug:ref>/arriver/", views.start, name="start"),
    path("bureau/interventions/<slug:ref>/noter/", views.report, name="report"),
    path("bureau/interventions/<slug:ref>/finir/", views.finish, name="finish"),
    path("bureau/interventions/<slug:ref>/clore/", views.close, name="close"),
    path("bureau/interventions/<slug:ref>/confier/", views.assign, name="assign"),
]

from django.urls import path

from . import desk_views, partner_views, views

app_name = "workshops"
urlpatterns = [
    path("ateliers/", views.sessions, name="sessions"),
    path("ateliers/seance/<str:ref>/", views.session, name="session"),
    path("ateliers/inscription/<str:ref>/", views.registration, name="registration"),
    path("ateliers/inscription/<str:ref>/accepter/", views.accept, name="accept"),
    path("ateliers/inscription/<str:ref>/annuler/", views.leave, name="leave"),
    path("ateliers/inscription/<str:ref>/agenda.ics", views.calendar_file, name="calendar_file"),
    path("ateliers/proposer/", partner_views.propose, name="propose"),
    path("ateliers/mes-propositions/", partner_views.proposals, name="proposals"),
    path("bureau/ateliers/", desk_views.workshops, name="desk"),
    path("bureau/ateliers/a/<str:ref>/", desk_views.decide, name="decide"),
    path("bureau/ateliers/a/<str:ref>/modifier/", desk_views.edit_workshop, name="edit_workshop"),
    path("bureau/ateliers/a/<str:ref>/date/", desk_views.add_session, name="add_session"),
    path("bureau/ateliers/seance/<str:ref>/", desk_views.session, name="desk_session"),
    path(
        "bureau/ateliers/seance/<str:ref>/modifier/", desk_views.edit_session, name="edit_session"
    ),
    path(
        "bureau/ateliers/seance/<str:ref>/annuler/",
        desk_views.cancel_session,
        name="cancel_session",
    ),
    path("bureau/ateliers/seance/<str:ref>/inscrire/", desk_views.register, name="desk_register"),
    path("bureau/ateliers/inscription/<str:ref>/", desk_views.act, name="desk_act"),
]

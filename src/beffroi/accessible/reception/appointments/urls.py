from django.urls import path

from . import agenda_views, planning_views, views

app_name = "appointments"
urlpatterns = [
    path("rendez-vous/", views.reasons, name="reasons"),
    path("rendez-vous/motif/<int:reason_id>/", views.sites, name="sites"),
    path("rendez-vous/motif/<int:reason_id>/creneaux/", views.slots, name="slots"),
    path("rendez-vous/motif/<int:reason_id>/retenir/", views.hold, name="hold"),
    path("rendez-vous/suivi/", views.find, name="find"),
    path("rendez-vous/r/<str:ref>/", views.appointment, name="appointment"),
    path("rendez-vous/r/<str:ref>/prolonger/", views.extend, name="extend"),
    path("rendez-vous/r/<str:ref>/laisser/", views.give_up, name="give_up"),
    path("rendez-vous/r/<str:ref>/annuler/", views.cancel, name="cancel"),
    path("rendez-vous/r/<str:ref>/deplacer/", views.reschedule, name="reschedule"),
    path("rendez-vous/r/<str:ref>/agenda.ics", views.calendar_file, name="calendar_file"),
    path("bureau/agenda/", agenda_views.agenda, name="agenda"),
    path("bureau/agenda/fiche/<str:ref>/", agenda_views.file, name="file"),
    path("bureau/agenda/fiche/<str:ref>/venue/", agenda_views.mark, name="mark"),
    path("bureau/agenda/fiche/<str:ref>/annuler/", agenda_views.cancel, name="agent_cancel"),
    path(
        "bureau/agenda/fiche/<str:ref>/deplacer/", agenda_views.reschedule, name="agent_reschedule"
    ),
    path("bureau/agenda/prendre/", agenda_views.book, name="book"),
    path("bureau/agenda/plages/", planning_views.openings, name="openings"),
    path("bureau/agenda/plages/ajouter/", planning_views.add_opening, name="add_opening"),
    path("bureau/agenda/plages/<int:pk>/", planning_views.edit_opening, name="edit_opening"),
    path("bureau/agenda/plages/<int:pk>/retirer/", planning_views.end_opening, name="end_opening"),
    path("bureau/agenda/absences/", planning_views.absences, name="absences"),
    path(
        "bureau/agenda/absences/<int:pk>/retirer/", planning_views.end_absence, name="end_absence"
    ),
    path("bureau/agenda/motifs/", planning_views.reasons, name="reason_list"),
    path("bureau/agenda/motifs/ajouter/", planning_views.add_reason, name="add_reason"),
    path("bureau/agenda/motifs/<int:pk>/", planning_views.edit_reason, name="edit_reason"),
    path("bureau/agenda/agents/ajouter/", planning_views.add_agent, name="add_agent"),
]

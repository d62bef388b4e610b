from django.urls import path

from . import desk_views, subscription_views, views

app_name = "broadcast"
urlpatterns = [
    path("annonces/", views.notices, name="notices"),
    path("annonces/direct/", views.notices_live, name="notices_live"),
    path("annonces/rue/", views.choose_street, name="choose_street"),
    path("annonces/flux.atom", views.atom_feed, name="atom"),
    path("annonces/flux.json", views.json_feed, name="json"),
    path("annonces/abonnement/", subscription_views.subscribe, name="subscribe"),
    path("annonces/<slug:ref>/", views.notice, name="notice"),
    path("annonces/<slug:ref>/direct/", views.notice_live, name="notice_live"),
    path("bureau/annonces/", desk_views.notices, name="desk"),
    path("bureau/annonces/nouvelle/", desk_views.write, name="write"),
    path("bureau/annonces/<slug:ref>/", desk_views.notice, name="desk_notice"),
    path("bureau/annonces/<slug:ref>/modifier/", desk_views.edit, name="edit"),
    path("bureau/annonces/<slug:ref>/publier/", desk_views.publish, name="publish"),
    path("bureau/annonces/<slug:ref>/terminer/", desk_views.end, name="end"),
    path("bureau/annonces/<slug:ref>/annuler/", desk_views.cancel, name="cancel"),
]

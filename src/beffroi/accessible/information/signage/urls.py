from django.urls import path

from . import desk_views, views

app_name = "signage"
urlpatterns = [
    path("ecran/", views.screen, name="screen"),
    path("ecran/contenu/", views.content, name="content"),
    path("ecran/service-worker.js", views.service_worker, name="service_worker"),
    path("bureau/ecrans/", desk_views.screens, name="screens"),
    path("bureau/ecrans/<slug:ref>/", desk_views.change, name="change"),
    path("bureau/ecrans/<slug:ref>/retirer/", desk_views.remove, name="remove"),
]

from django.urls import path

from . import views

app_name = "imports"
urlpatterns = [
    path("bureau/imports/", views.runs, name="list"),
    path("bureau/imports/nouveau/<slug:name>/", views.new, name="new"),
    path("bureau/imports/<str:ref>/", views.run, name="run"),
    path("bureau/imports/<str:ref>/etat/", views.state, name="state"),
    path("bureau/imports/<str:ref>/arreter/", views.cancel, name="cancel"),
]

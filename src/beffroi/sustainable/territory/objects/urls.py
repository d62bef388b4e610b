from django.urls import path

from . import views

app_name = "objects"
urlpatterns = [
    path("territoire/", views.territory, name="territory"),
    path("territoire/series/<int:pk>/", views.series, name="series"),
    path("territoire/series/<int:pk>/courbe/", views.series_chart, name="series_chart"),
    path("territoire/series/<int:pk>/mesures.csv", views.series_csv, name="series_csv"),
    path("territoire/series/<int:pk>/partage/", views.share, name="share"),
    path("territoire/quarantaine/", views.quarantine, name="quarantine"),
    path("territoire/objets/", views.things, name="things"),
    path("territoire/objets/nouveau/", views.new_thing, name="new_thing"),
    path("territoire/objets/<int:pk>/", views.thing, name="thing"),
    path("territoire/objets/<int:pk>/jeton/", views.new_token, name="new_token"),
    path("territoire/objets/<int:pk>/retirer/", views.retire, name="retire"),
]

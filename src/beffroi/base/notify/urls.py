from django.urls import path

from . import views

app_name = "notify"
urlpatterns = [
    path("courriels/confirmer/<slug:ref>/", views.confirm, name="confirm"),
    path("courriels/desabonnement/<slug:ref>/", views.unsubscribe, name="unsubscribe"),
    path("bureau/courriels/", views.log, name="log"),
]

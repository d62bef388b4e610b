from django.urls import path

from . import views

app_name = "retention"
urlpatterns = [path("bureau/conservation/", views.durations, name="durations")]

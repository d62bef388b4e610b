from django.urls import path

from . import views

app_name = "desk"
urlpatterns = [
    path("bureau/", views.home, name="home"),
    path("bureau/liste/", views.list_fragment, name="list"),
]

from django.urls import path

from beffroi.base.design import views

app_name = "design"
urlpatterns = [
    path("design/", views.components, name="components"),
    path("design/marque.css", views.brand, name="brand"),
    path("design/couleurs/", views.choose_theme, name="theme"),
]

from django.urls import path

from . import management_views, views

app_name = "people"
urlpatterns = [
    path("connexion/", views.sign_in, name="login"),
    path("connexion/code/", views.code, name="code"),
    path("connexion/suite/", views.after_login, name="after_login"),
    path("deconnexion/", views.sign_out, name="logout"),
    path("invitation/<str:uid>/<str:token>/", views.choose_password, name="choose_password"),
    path("mes-demarches/", views.procedures, name="procedures"),
    path("compte/", views.account, name="account"),
    path("compte/double-verification/", views.second_factor, name="second_factor"),
    path("compte/mes-donnees/", views.export, name="export"),
    path("compte/effacer/", views.erase, name="erase"),
    path("bureau/comptes/", management_views.accounts, name="accounts"),
    path("bureau/comptes/<int:pk>/retirer/", management_views.revoke, name="revoke"),
    path("bureau/collectivite/", management_views.authority, name="authority"),
]

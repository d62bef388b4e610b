from django.urls import path

from . import rule_views, views

app_name = "insights"
urlpatterns = [
    path("bureau/constats/", views.insights, name="insights"),
    path("bureau/constats/<slug:ref>/", views.insight, name="insight"),
    path("bureau/constats/<slug:ref>/courbe/", views.chart, name="chart"),
    path("bureau/constats/<slug:ref>/envoyer/", views.send, name="send"),
    path("bureau/constats/<slug:ref>/prevenir/", views.warn, name="warn"),
    path("bureau/constats/<slug:ref>/ecarter/", views.dismiss, name="dismiss"),
    path("bureau/regles/", rule_views.rules, name="rules"),
    path("bureau/regles/nouvelle/", rule_views.new_rule, name="new_rule"),
    path("bureau/regles/<slug:line>/<int:version>/", rule_views.rule, name="rule"),
    path(
        "bureau/regles/<slug:line>/<int:version>/modifier/", rule_views.edit_rule, name="edit_rule"
    ),
    path("bureau/regles/<slug:line>/<int:version>/activer/", rule_views.activate, name="activate"),
    path("bureau/regles/<slug:line>/<int:version>/arreter/", rule_views.retire, name="retire"),
]

from django.urls import path

from tokens_demo import views

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="token-login"),
    path("logout/", views.LogoutView.as_view(), name="token-logout"),
    path("password/", views.PasswordView.as_view(), name="token-password"),
    path("refresh/", views.RefreshView.as_view(), name="token-refresh"),
]

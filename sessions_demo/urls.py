from django.urls import path

from sessions_demo import views

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="login"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordView.as_view(), name="password"),
    path("devices/", views.DevicesView.as_view(), name="devices"),
]

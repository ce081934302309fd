// The visitor's application on the guest book: as soon as it is given its token it reads the notes with it.
// The token stays in this function's variable; no other script can name it.
addEventListener("message", async ({ data, origin }) => {
  if (origin !== location.origin) return;
  const headers = data.access ? { Authorization: `Bearer ${data.access}` } : {};
  await fetch(`/${data.mount}/notes/?q=${data.run}.victim-reads`, { headers });
});

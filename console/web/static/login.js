/* The sign-in page: Caps Lock is told, and the time zone is left for the pages that follow. */
'use strict';
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
const password = document.getElementById('password');
for (const name of ['keydown', 'keyup']) password.addEventListener(name, (event) => {
  document.getElementById('caps').hidden = !event.getModifierState?.('CapsLock');
});
document.getElementById(document.getElementById('username').value ? 'password' : 'username').focus();

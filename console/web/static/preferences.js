/* What a person prefers is followed at once by all their pages in this browser: the profile says it, the others hear it. */
'use strict';
{
  const root = document.documentElement, channel = new BroadcastChannel('console-preferences');
  const follow = ({lang, ...liked}) => {
    if (lang !== root.lang) location.reload();
    else Object.assign(root.dataset, liked);
  };
  channel.onmessage = ({data}) => follow(data);
  addEventListener('htmx:after:swap', ({detail: {ctx}}) => {
    if (ctx?.sourceElement?.id !== 'preferences' || ctx.response?.status >= 400) return;
    const said = {...document.getElementById('preferences').dataset};
    channel.postMessage(said);
    follow(said);
  }, true);
}

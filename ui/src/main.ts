import '@fontsource-variable/inter/opsz.css';
import './styles/index.css';

import { mount } from 'svelte';
import App from './App.svelte';
import { app } from './lib/app.svelte';

addEventListener('error', () => app.failed());
addEventListener('unhandledrejection', () => app.failed());

const target = document.getElementById('app');
if (target) mount(App, { target });
void app.start();

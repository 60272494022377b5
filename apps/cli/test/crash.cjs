// Required before the command: at a signal something fails that nobody catches, as a defect would.
process.on('SIGUSR2', () => {
  throw new TypeError('a defect\u001b[31m');
});

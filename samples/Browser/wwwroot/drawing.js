// A canvas as large as the network's input. What is drawn on it, or copied from the sheet of images, is what the network sees.
window.drawing = {
  side: 32,

  canvas: () => document.getElementById('pad'),

  context: () => drawing.canvas().getContext('2d', { willReadFrequently: true }),

  // Called after every rendering: the second time there is nothing to do.
  begin() {
    const canvas = drawing.canvas();
    if (canvas.onpointermove) return;
    const at = event => [event.offsetX * drawing.side / canvas.clientWidth, event.offsetY * drawing.side / canvas.clientHeight];
    canvas.onpointerdown = event => {
      const context = drawing.context();
      [context.strokeStyle, context.lineWidth, context.lineCap, context.lineJoin] = ['#203060', 3.5, 'round', 'round'];
      canvas.setPointerCapture(event.pointerId);
      context.beginPath();
      context.moveTo(...at(event));
    };
    canvas.onpointermove = event => {
      if (!event.buttons) return;
      drawing.context().lineTo(...at(event));
      drawing.context().stroke();
    };
    drawing.clear();
  },

  clear() {
    drawing.context().fillStyle = '#f0e8d0';
    drawing.context().fillRect(0, 0, drawing.side, drawing.side);
  },

  // Copies the image under a point of the sheet, without any scaling.
  show(x, y) {
    const [left, top] = [x, y].map(place => Math.floor(place / drawing.side) * drawing.side);
    drawing.context().drawImage(document.getElementById('sheet'), left, top, drawing.side, drawing.side, 0, 0, drawing.side, drawing.side);
  },

  pixels: () => new Uint8Array(drawing.context().getImageData(0, 0, drawing.side, drawing.side).data.buffer),
};

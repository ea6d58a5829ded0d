using Spectre.Console;
using Spectre.Console.Rendering;

namespace Caliper.Tool.Consoles;

/// <summary>Shows names from files as they are, in tables too: only the console itself sends what moves a cursor or colours text.</summary>
internal sealed class VisibleHook : IRenderHook
{
    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) =>
        renderables.Select(IRenderable (r) => new Visible(r));

    private sealed class Visible(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => inner.Render(options, maxWidth).Select(Shown);

        private static Segment Shown(Segment segment) => segment.IsControlCode || segment.IsLineBreak
            || VisibleText.OfLines(segment.Text) is var shown && shown == segment.Text ? segment
            : new Segment(VisibleText.OfLines(segment.Text), segment.Style);
    }
}

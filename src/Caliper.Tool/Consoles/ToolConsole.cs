using Spectre.Console;

namespace Caliper.Tool.Consoles;

/// <summary>The two places the command writes to: the result on stdout, and everything else on stderr.</summary>
internal sealed class ToolConsole(Terminal output, Terminal error)
{
    private readonly Lazy<IAnsiConsole> _result = new(() => Create(output));
    private readonly Lazy<IAnsiConsole> _status = new(() => Create(error));
    private readonly VisibleWriter _statusLines = new(error.Writer);

    /// <summary>The result as text for people.</summary>
    public IAnsiConsole Result => _result.Value;

    /// <summary>The result as text for machines.</summary>
    public TextWriter ResultWriter => output.Writer;

    /// <summary>Progress and warnings.</summary>
    public IAnsiConsole Status => _status.Value;

    /// <summary>Progress and warnings, as plain lines.</summary>
    public TextWriter StatusWriter => _statusLines;

    /// <summary>Whether progress may be redrawn in place.</summary>
    public bool IsStatusLive => error.IsTerminal;

    /// <summary>Whether a person reads the result as it appears.</summary>
    public bool IsWatched => output.IsTerminal && error.IsTerminal;

    private static IAnsiConsole Create(Terminal terminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new FixedOutput(terminal),
            Ansi = terminal.IsTerminal ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = terminal.UsesColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = terminal.IsTerminal ? InteractionSupport.Yes : InteractionSupport.No,
            // What the environment says is in the terminal record already; build servers need no special treatment.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        console.Profile.Capabilities.Unicode = true;
        console.Pipeline.Attach(new VisibleHook());
        return console;
    }

    /// <summary>A writer whose width is known, so that no library asks the process's console about it.</summary>
    private sealed class FixedOutput(Terminal terminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => terminal.Writer;

        public bool IsTerminal => terminal.IsTerminal;

        public int Width => terminal.Width;

        public int Height => 25;

        public void SetEncoding(System.Text.Encoding encoding) { }
    }
}

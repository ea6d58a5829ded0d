namespace Caliper.Tool.Consoles;

/// <summary>Where text goes and what that place can do.</summary>
/// <param name="Writer">Takes the text.</param>
/// <param name="IsTerminal">Whether a person watches, so that lines may be redrawn.</param>
/// <param name="UsesColor">Whether text may be coloured.</param>
/// <param name="Width">Columns. A file or a pipe has no edge at which to wrap.</param>
internal sealed record Terminal(
    TextWriter Writer, bool IsTerminal = false, bool UsesColor = false, int Width = Terminal.Unbounded)
{
    /// <summary>The width of something that is no terminal: wide enough that nothing is ever cut or wrapped.</summary>
    public const int Unbounded = 10_000;

    private const int UsualWidth = 80;

    /// <summary>The process's standard output.</summary>
    public static Terminal StandardOutput() => Of(Console.Out, Console.IsOutputRedirected, Environment.GetEnvironmentVariable);

    /// <summary>The process's standard error.</summary>
    public static Terminal StandardError() => Of(Console.Error, Console.IsErrorRedirected, Environment.GetEnvironmentVariable);

    /// <summary>What a stream of the process can do.</summary>
    public static Terminal Of(TextWriter writer, bool isRedirected, Func<string, string?> environment)
    {
        if (isRedirected) return new Terminal(writer);
        var isDumb = environment("TERM") is "dumb";
        // https://no-color.org: set to anything but the empty string.
        var isColorless = isDumb || !string.IsNullOrEmpty(environment("NO_COLOR"));
        return new Terminal(writer, !isDumb, !isColorless, WidthOfWindow());
    }

    private static int WidthOfWindow()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : UsualWidth;
        }
        catch (IOException)
        {
            return UsualWidth;
        }
    }
}

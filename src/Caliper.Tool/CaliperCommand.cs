using System.CommandLine;
using System.CommandLine.Invocation;
using Caliper.Tool.Commands;
using Caliper.Tool.Consoles;

namespace Caliper.Tool;

/// <summary>
/// The <c>caliper</c> command. stdout carries the result and nothing else; progress, warnings and errors go to stderr, an
/// error as one line. No exception leaves it: every way to end is an exit code.
/// </summary>
internal static class CaliperCommand
{
    /// <summary>Runs a command line on two places that are no terminals.</summary>
    public static int Run(string[] args, TextWriter stdout, TextWriter stderr, CancellationToken cancellationToken = default) =>
        Run(args, new Terminal(stdout), new Terminal(stderr), cancellationToken);

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The arguments, without the command's own name.</param>
    /// <param name="stdout">Takes the result.</param>
    /// <param name="stderr">Takes everything else.</param>
    /// <param name="cancellationToken">Cancelled by Ctrl+C.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(string[] args, Terminal stdout, Terminal stderr, CancellationToken cancellationToken)
    {
        try
        {
            return Invoke(args, new ToolConsole(stdout, stderr), cancellationToken);
        }
        catch (Exception error)
        {
            return Fail(stderr.Writer, error, cancellationToken);
        }
    }

    private static int Invoke(string[] args, ToolConsole console, CancellationToken cancellationToken)
    {
        var root = Root(console, cancellationToken);
        // A file may be called @weights.onnx, and options are never bundled.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        if (parsed.Action is ParseErrorAction) return UsageError(parsed, console);
        return parsed.Invoke(new InvocationConfiguration
        {
            Output = console.ResultWriter,
            Error = console.StatusWriter,
            // Exceptions and cancellation become exit codes above, not a stack trace and 1.
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    private static RootCommand Root(ToolConsole console, CancellationToken cancellationToken)
    {
        var root = new RootCommand("Turns trained float networks into int8 networks: it watches real data flow through a model, "
            + "chooses scales and zero points, and writes an int8 ONNX file.");
        root.Directives.Clear();
        root.Add(new DemoCommand().On(console, cancellationToken));
        root.Add(new InspectCommand().On(console, cancellationToken));
        root.Add(new CalibrateCommand().On(console, cancellationToken));
        root.Add(new MergeCommand().On(console, cancellationToken));
        root.Add(new QuantizeCommand().On(console, cancellationToken));
        root.Add(new TuneCommand().On(console, cancellationToken));
        root.Add(new EvaluateCommand().On(console, cancellationToken));
        root.Add(new CompareCommand().On(console, cancellationToken));
        root.Add(new BenchCommand().On(console, cancellationToken));
        root.Add(new InfoCommand().On(console, cancellationToken));
        return root;
    }

    private static int UsageError(ParseResult parsed, ToolConsole console)
    {
        var command = parsed.CommandResult.Command;
        var isRoot = command is RootCommand;
        var problem = isRoot && parsed.UnmatchedTokens is [var written, ..]
            ? $"there is no command '{written}'.{Suggestion.For(written, command.Subcommands.Select(c => c.Name))}"
            : isRoot ? "a command is missing."
            : OneLine(parsed.Errors[0].Message) + (parsed.UnmatchedTokens is [var unknown, ..]
                ? Suggestion.For(unknown, command.Options.SelectMany(o => o.Aliases.Prepend(o.Name))) : "");
        console.StatusWriter.WriteLine($"caliper: {problem}");
        console.StatusWriter.WriteLine(isRoot
            ? $"Commands: {string.Join(", ", command.Subcommands.Select(c => c.Name))}. 'caliper --help' tells more."
            : $"'caliper {command.Name} --help' lists what it takes.");
        return ExitCode.Usage;
    }

    private static int Fail(TextWriter stderr, Exception error, CancellationToken cancellationToken)
    {
        if (error is OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            stderr.WriteLine("caliper: interrupted; nothing was left half-written.");
            return ExitCode.Interrupted;
        }
        stderr.WriteLine("caliper: " + OneLine(error is CaliperException
            ? error.Message
            : $"this is a defect of Caliper, please report it: {error.GetType().Name}: {error.Message} {PlaceOf(error)}"));
        return ExitCode.Failed;
    }

    /// <summary>Where in Caliper it was, for whoever is to mend it.</summary>
    private static string PlaceOf(Exception error) =>
        error.StackTrace?.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.StartsWith("at Caliper.", StringComparison.Ordinal)) ?? "";

    private static string OneLine(string text) =>
        VisibleText.Of(string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries)));
}

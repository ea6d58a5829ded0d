using System.CommandLine;
using Caliper.Tool.Consoles;
using Caliper.Tool.Options;

namespace Caliper.Tool.Commands;

/// <summary>A command of <c>caliper</c>: what it is called, what it takes, and what it then does.</summary>
/// <param name="name">The word after <c>caliper</c>.</param>
/// <param name="description">One line for <c>--help</c>.</param>
/// <param name="line">Its command line.</param>
internal abstract class ToolCommand<TOptions>(string name, string description, ICommandLine<TOptions> line)
{
    /// <summary>The command as System.CommandLine knows it.</summary>
    public Command On(ToolConsole console, CancellationToken cancellationToken)
    {
        var command = new Command(name, description);
        line.AddTo(command);
        command.Validators.Add(line.Validate);
        command.SetAction(parsed => Run(line.Read(parsed), console, cancellationToken));
        return command;
    }

    /// <summary>Does what was asked for, and tells the result.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    /// <exception cref="CaliperException">It cannot be done; the message says why.</exception>
    /// <exception cref="OperationCanceledException">Interrupted; nothing is left half-written.</exception>
    protected abstract int Run(TOptions options, ToolConsole console, CancellationToken cancellationToken);
}

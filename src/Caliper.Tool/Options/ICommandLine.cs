using System.CommandLine;
using System.CommandLine.Parsing;

namespace Caliper.Tool.Options;

/// <summary>The command line of some options: each is a field, and nothing but this object knows how it is written.</summary>
/// <typeparam name="TOptions">What the line comes to.</typeparam>
internal interface ICommandLine<out TOptions>
{
    /// <summary>Adds the options to a command, in the order in which <c>--help</c> lists them.</summary>
    void AddTo(Command command);

    /// <summary>Refuses options that do not go together. It asks whether an option was given, not for its value: a value that is none would
    /// throw here, before it is reported.</summary>
    void Validate(CommandResult line) { }

    /// <summary>What a line without errors comes to.</summary>
    TOptions Read(ParseResult line);
}

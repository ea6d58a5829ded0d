namespace Caliper.Tool.Tests;

/// <summary>Takes what a command says, and tells each line as it comes.</summary>
internal sealed class Watcher(Action<string> told) : StringWriter
{
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        told(value ?? "");
    }
}

namespace Caliper;

/// <summary>A problem that did not stop the work.</summary>
/// <param name="Code">Stable identifier of the kind of problem, such as <c>float-island</c>.</param>
/// <param name="Place">The layer, node, tensor or file it concerns.</param>
/// <param name="Message">What is the case, in one sentence.</param>
/// <param name="Advice">What the reader can do about it, in one sentence.</param>
public sealed record Diagnostic(string Code, string Place, string Message, string Advice)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Place}: {Message} {Advice}";
}

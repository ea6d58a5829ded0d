using System.Diagnostics;

namespace Caliper.Fuzz;

/// <summary>Something that must not happen.</summary>
/// <param name="Kind">Type of the exception, or crash, hang, memory.</param>
/// <param name="Place">The first method of Caliper on the stack.</param>
/// <param name="Message">What was said.</param>
internal sealed record Finding(string Kind, string Place, string Message)
{
    /// <summary>The finding behind an exception that is not ours.</summary>
    public static Finding Of(Exception error)
    {
        var frames = new StackTrace(error).GetFrames().Select(f => f.GetMethod()).Where(m => m?.DeclaringType?.Namespace is { } name
            && name.StartsWith("Caliper", StringComparison.Ordinal) && !name.StartsWith("Caliper.Fuzz", StringComparison.Ordinal));
        var places = frames.Take(3).Select(m => $"{m!.DeclaringType!.Name}.{m.Name}");
        return new(error.GetType().Name, string.Join(" < ", places), error.Message.ReplaceLineEndings(" "));
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Caliper.Engine.Planning;

namespace Caliper;

/// <summary>What an <see cref="Int8Session"/> planned.</summary>
/// <param name="Steps">In the order they run.</param>
/// <param name="WeightBytes">Packed weights, tables and constants.</param>
/// <param name="ArenaBytes">Working memory of one run, activations above all.</param>
/// <param name="Threads">Threads within one run.</param>
public sealed record SessionDescription(ImmutableArray<StepDescription> Steps, long WeightBytes, long ArenaBytes, int Threads)
{
    /// <summary>Multiplications of one run.</summary>
    public long MultiplyAdds => Steps.Sum(s => s.MultiplyAdds);

    internal static SessionDescription Of(EnginePlan plan, int threads) => new(
        [.. plan.Steps.Select(s => new StepDescription(s.Name, s.Kind, s.Kernel, s.MultiplyAdds, s.BytesTouched, s.Units, s.Blocks))],
        plan.Steps.Sum(s => s.WeightBytes) + plan.Memory.Constants, plan.Memory.Arena + (long)plan.ScratchBytes * threads, threads);

    /// <summary>One line for each step, and one for the memory.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var step in Steps)
        {
            text.Append(CultureInfo.InvariantCulture, $"{step.Kind,-24} {step.Kernel,-16} {step.MultiplyAdds / 1e6,9:F2} MMAC ");
            text.Append(CultureInfo.InvariantCulture, $"{step.Bytes / 1024.0,9:F1} KiB  {step.Name}\n");
        }
        return text.Append(CultureInfo.InvariantCulture,
            $"{MultiplyAdds / 1e6:F1} MMAC, {WeightBytes / 1024.0:F0} KiB weights, {ArenaBytes / 1024.0:F0} KiB working memory, {Threads} threads\n")
                .ToString();
    }
}

/// <summary>One step of a plan.</summary>
/// <param name="Name">The layer's name in the file.</param>
/// <param name="Kind">What it does, such as <c>conv 3x3/2</c>.</param>
/// <param name="Kernel">Which kernel does it.</param>
/// <param name="MultiplyAdds">Multiplications of one run.</param>
/// <param name="Bytes">Bytes read and written, weights included.</param>
/// <param name="Units">Pieces it can be cut into along pixels.</param>
/// <param name="Blocks">Pieces it can be cut into along channels.</param>
public sealed record StepDescription(string Name, string Kind, string Kernel, long MultiplyAdds, long Bytes, int Units, int Blocks);

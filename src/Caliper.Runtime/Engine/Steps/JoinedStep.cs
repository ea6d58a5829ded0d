using Caliper.Engine.Values;
using Caliper.Kernels;

namespace Caliper.Engine.Steps;

/// <summary>Several steps that do not need each other, as one: their units follow each other. Where they have not as many blocks, a unit is all
/// of its step's.</summary>
internal sealed class JoinedStep : Step
{
    private readonly Step[] _steps;
    private readonly bool _areAlike;

    private JoinedStep(Step[] steps)
    {
        _steps = steps;
        _areAlike = steps.All(s => s.Blocks == steps[0].Blocks);
        Units = steps.Sum(s => s.Units);
    }

    /// <summary>Parts of one layer as one step; a single part as it is.</summary>
    /// <param name="parts">The parts, which have the layer's name and kind.</param>
    /// <param name="bytesTouched">Bytes that all of them touch, each counted once.</param>
    public static Step Of(Step[] parts, long bytesTouched) => parts is [var only] ? only : new JoinedStep(parts)
    {
        Name = parts[0].Name,
        Kind = parts[0].Kind,
        MultiplyAdds = parts.Sum(p => p.MultiplyAdds),
        BytesTouched = bytesTouched,
    };

    public override string Kernel => _steps[0].Kernel;

    public override long WeightBytes => _steps.Sum(s => s.WeightBytes);

    public override int Units { get; }

    public override int Blocks => _areAlike ? _steps[0].Blocks : 1;

    public override int ScratchBytes => _steps.Max(s => s.ScratchBytes);

    public override IEnumerable<Extent> Extents => _steps.SelectMany(s => s.Extents);

    public override IEnumerable<ConstantReach> Constants => _steps.SelectMany(s => s.Constants);

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var first = 0;
        foreach (var step in _steps)
        {
            var (start, end) = (Math.Max(unitStart - first, 0), Math.Min(unitEnd - first, step.Units));
            if (start < end && _areAlike) step.Run(context, start, end, blockStart, blockEnd);
            else if (start < end) step.Run(context, start, end, 0, step.Blocks);
            first += step.Units;
        }
    }
}

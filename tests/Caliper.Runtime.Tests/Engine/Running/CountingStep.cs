using System.Diagnostics.CodeAnalysis;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Runtime.Tests.Engine.Running;

/// <summary>A step that counts how often each of its pieces is done.</summary>
internal sealed class CountingStep : Step
{
    private readonly int _units, _blocks;
    private int _calls;

    [SetsRequiredMembers]
    public CountingStep(int units, int blocks, bool isWorthSharing)
    {
        (Name, Kind, _units, _blocks) = ("counted", "count", units, blocks);
        BytesTouched = isWorthSharing ? 1 << 20 : 0;
        Done = new int[units * blocks];
    }

    public override int Units => _units;

    public override int Blocks => _blocks;

    public override IEnumerable<Extent> Extents => [];

    /// <summary>How often each piece was done.</summary>
    public int[] Done { get; }

    /// <summary>How often it was called.</summary>
    public int Calls => _calls;

    /// <summary>The step that has to be done as often before this one begins.</summary>
    public CountingStep? Before { get; set; }

    /// <summary>Whether it ran before the step before it was done.</summary>
    public bool CameTooEarly { get; private set; }

    /// <summary>The unit that throws.</summary>
    public int? FailingUnit { get; init; }

    /// <summary>Done for each unit.</summary>
    public Action Each { get; init; } = () => { };

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Interlocked.Increment(ref _calls);
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            if (unit == FailingUnit) throw new TimeoutException("meant");
            Each();
            for (var block = blockStart; block < blockEnd; block++)
            {
                var times = Interlocked.Increment(ref Done[unit * _blocks + block]);
                if (Before is { } before && before.Done.Any(done => done < times)) CameTooEarly = true;
            }
        }
    }
}

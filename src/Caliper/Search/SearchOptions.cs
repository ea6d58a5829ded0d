namespace Caliper.Search;

/// <summary>What a search for a recipe is to reach, and what that may cost.</summary>
public sealed record SearchOptions
{
    // Beyond that, little is left of what int8 is faster than float.
    private const double MostWorkOfFloats = 0.1, LeastBesideFloats = 25;

    /// <summary>Who will run the int8 network.</summary>
    public Int8Runtime Runtime { get; init; } = Int8Runtime.Caliper;

    /// <summary>The defaults for a runtime. Where more than 8 bits are float, as in ONNX Runtime, less is spent on them: work may grow by a tenth,
    /// 25 dB at the worst output are enough, and limits never give way: an int8 network that is slower than float is of no use.</summary>
    /// <param name="runtime">Who will run the int8 network.</param>
    public static SearchOptions For(Int8Runtime runtime) => runtime is not Int8Runtime.OnnxRuntime ? new() { Runtime = runtime }
        : new() { Runtime = runtime, Least = LeastBesideFloats, Acceptable = double.NegativeInfinity, MostWork = MostWorkOfFloats };

    /// <summary>Signal-to-noise ratio at the worst output, in dB, above which more is no longer wanted.</summary>
    public double Aim { get; init; } = 40;

    /// <summary>Signal-to-noise ratio at the worst output, in dB, that is to be reached where the limits on multiply-adds give way; where they never
    /// do, the ratio that is worth all they allow.</summary>
    public double Least { get; init; } = 30;

    /// <summary>The greatest share of the network's multiply-adds that may read activations of 16 bits, 0..1; of floats, where
    /// <see cref="Runtime"/> does not multiply 16 bits.</summary>
    public double MostWide { get; init; } = 0.15;

    /// <summary>The greatest share of the network's multiply-adds that may keep their weights in float, 0..1.</summary>
    public double MostFloat { get; init; } = 0.02;

    /// <summary>Signal-to-noise ratio at the worst output, in dB, that is worth all that the limits on multiply-adds allow; more, up to
    /// <see cref="Aim"/>, what it is worth. Below it the limits give way: first <see cref="MostWide"/> by a fifth, then both until
    /// <see cref="Least"/> is reached. 25, and 2 more because other data than that which calibrated comes out lower, by up to as much in networks
    /// that were measured. Negative infinity: they never do.</summary>
    public double Acceptable { get; init; } = 27;

    /// <summary>Decibels that are worth all that the limits allow.</summary>
    internal double Enough => double.IsNegativeInfinity(Acceptable) ? Least : Acceptable;

    /// <summary>The same for a network with states: what is lost in one step is there in all that follow, and nothing less than
    /// <see cref="Least"/> is enough.</summary>
    internal SearchOptions OfStates => Acceptable < Least && double.IsFinite(Acceptable) ? this with { Acceptable = Least } : this;

    /// <summary>The same with a fifth more of <see cref="MostWide"/>, which is tried before the limits give way altogether.</summary>
    internal SearchOptions Stretched => this with { MostWide = 1.2 * MostWide };

    /// <summary>Whether what lies beyond the limits is measured even where they leave enough: for whoever chooses among the candidates, as
    /// <see cref="RecipeTuning"/> does.</summary>
    public bool MeasuresBeyond { get; init; }

    /// <summary>By how much the network's work may grow for what goes beyond what is enough, as a share of all of it in 8 bits.</summary>
    public double MostWork { get; init; } = 0.25;

    /// <summary>How many samples, evenly spaced over the data, are looked at: all for how weights are rounded, as many as are quickly run for
    /// what noise costs. Of a network of less than a million multiply-adds eight times as many; and where all inputs are vectors, as tokens and sound
    /// are, eight times as many for how weights are rounded.</summary>
    public int Samples { get; init; } = 32;

    /// <summary>Whether weights are rounded so that their errors cancel in what is computed, instead of each to the nearest integer.</summary>
    public bool RoundWeights { get; init; } = true;

    /// <summary>After this time no further sample is measured; the first always is. Null for no limit.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Multiply-adds of an evaluation of all samples from which on passes of the search are counted: a few seconds of a processor.</summary>
    internal double LongEvaluation { get; init; } = 5e10;

    /// <summary>Multiply-adds of such an evaluation up to which everything is tried: a fraction of a second.</summary>
    internal double ShortEvaluation { get; init; } = 3e9;

    /// <summary>The clock of <see cref="Budget"/>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

namespace Caliper.Search;

/// <summary>
/// How many forward passes of a sample a search may still take. Of a network that is evaluated in a moment, any number; of one that takes long they
/// are counted, so that the search follows the evaluation. Counted and not timed: the same data gives the same recipe on every machine.
/// </summary>
internal sealed class SearchPasses
{
    // Passes for each sample: a search should take no longer than five evaluations of both networks, and int8 runs in a quarter to a third of the
    // time of float, while a network whose roundings can be switched takes a little more than float.
    private const double OfEachSample = 5;

    // Of fewer samples as of so many: below that nothing could be told.
    private const int FewestSamples = 12;

    private const int FewestJudges = 4, JudgesOf = 6;

    // Of samples that sources are measured on: one alone is often of its own kind, and with fewer passes for each hardly any group would be told from
    // another.
    private const int MostSources = 4, PassesOfSource = 6;

    // What part of those that are left goes into the noise of each source.
    private const double ShareOfSources = 0.35;

    private readonly int _judging;

    /// <param name="work">How much the network computes for a sample.</param>
    /// <param name="samples">How many samples there are.</param>
    /// <param name="judging">Those of them that noise may be judged by.</param>
    /// <param name="options">What is long.</param>
    public SearchPasses(NetworkWork work, int samples, int judging, SearchOptions options)
    {
        _judging = judging;
        Left = work.Whole * judging < options.LongEvaluation ? double.PositiveInfinity : OfEachSample * Math.Max(FewestSamples, samples);
        TriesAll = !AreCounted && (options.MeasuresBeyond || work.Whole * judging < options.ShortEvaluation);
    }

    /// <summary>Those that are left; infinitely many where they are not counted.</summary>
    public double Left { get; private set; }

    /// <summary>Whether every form is searched, and every step of a way measured: where that takes a moment, or is asked for.</summary>
    public bool TriesAll { get; }

    /// <summary>Whether they are counted.</summary>
    public bool AreCounted => !double.IsInfinity(Left);

    /// <summary>On how many samples a point is judged where passes are counted.</summary>
    public int Judges => AreCounted ? Math.Min(_judging, Math.Max(FewestJudges, _judging / JudgesOf)) : _judging;

    /// <summary>Those that may go into the noise of each source.</summary>
    public double OfSources => ShareOfSources * Left;

    /// <summary>On how many samples that is measured where passes are counted.</summary>
    public int Sources => (int)Math.Clamp(OfSources / PassesOfSource, 1, MostSources);

    /// <summary>Some were taken.</summary>
    public void Take(double passes) => Left -= passes;

    /// <summary>Of so many changes, those that can be measured on some samples with a share of what is left, if each computes all of the network
    /// again; beside them the float network runs.</summary>
    public int Affords(int changes, int samples, double share) => (int)Math.Clamp(share * Left / samples - 1, 0, changes);
}

using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>What the outputs of a layer are weighted sums of, one patch each.</summary>
internal interface IPatchSource
{
    /// <summary>Layers with the same key see the same patches.</summary>
    string Key { get; }

    /// <summary>Groups whose outputs look at channels of their own.</summary>
    int Groups { get; }

    /// <summary>Length of a patch, which is the number of weights of an output channel.</summary>
    int Taps { get; }

    /// <summary>How many of them belong to one input channel.</summary>
    int TapsPerChannel { get; }

    /// <summary>The values that are read.</summary>
    IEnumerable<string> Values { get; }

    /// <summary>The patches of some values; none where they are not of the form that the layer takes.</summary>
    Patches Of(Func<string, Tensor> read);
}

using System.Runtime.CompilerServices;

namespace Caliper.Kernels.Dense;

/// <summary>Six rows of sums of products, 32 columns wide or 16. The left matrix is given by where its rows lie, tap by tap; so a convolution
/// finds its pixels where they are.</summary>
internal unsafe struct ProductTile
{
    /// <summary>Where the rows of the left matrix begin: six for each tap.</summary>
    public float** Rows;

    /// <summary>Floats that are added to each of them.</summary>
    public long Offset;

    /// <summary>Floats from one k to the next along such a row.</summary>
    public long Step;

    /// <summary>How many taps.</summary>
    public int Taps;

    /// <summary>How many k a tap has.</summary>
    public int Inner;

    /// <summary>32 floats of the right matrix for each k.</summary>
    public float* Panel;

    /// <summary>Where the sums of the first row begin.</summary>
    public float* Start;

    /// <summary>Floats from there to those of the next row; 0 where all rows begin alike.</summary>
    public int StartStep;

    /// <summary>Where each of the six rows is written, once all are computed.</summary>
    public float** To;

    /// <summary>Floats that are added to each of them.</summary>
    public long ToOffset;

    /// <summary>Rows that there are; the others may be computed, and say the same as the last.</summary>
    public int Count;

    /// <summary>Whether only the first 16 columns are computed and written.</summary>
    public bool IsHalf;

    /// <summary>What the sums are cut off at.</summary>
    public FloatBounds Bounds;

    /// <summary>Where a row is written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float* OutputAt(int row) => To[row] + ToOffset;

    /// <summary>Where a row of the left matrix begins at a tap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float* At(int tap, int row) => Rows[tap * FloatProducts.Rows + row] + Offset;
}

using System.Runtime.CompilerServices;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>Sums of tiles of the output: six rows (pixels) times two vectors of outputs stay in registers while all that is summed
/// over passes by. Each step loads two vectors of weights for all rows, and for each row its own inputs.</summary>
internal static unsafe class SumTile<TDot, TVector> where TDot : struct, IDotProduct<TVector> where TVector : unmanaged
{
    /// <summary>Rows of a tile; the last one may have fewer.</summary>
    public const int Rows = 6;

    /// <summary>Vectors of outputs.</summary>
    public const int Vectors = 2;

    /// <summary>Outputs of a tile.</summary>
    public static readonly int Outputs = Vectors * sizeof(TVector) / sizeof(int);

    /// <summary>Computes some rows, tile after tile.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="operands">What they read.</param>
    /// <param name="sums">Receives the sums.</param>
    /// <param name="distance">Sums from row to row.</param>
    public static void Run(int rows, in TileOperands operands, int* sums, nint distance)
    {
        var (whole, left) = Math.DivRem(rows, Rows);
        if (whole > 0) Run<Six>(whole, operands, sums, distance);
        if (left == 0) return;
        var last = operands;
        last.Inputs += whole * Rows * operands.InputDistance;
        sums += whole * Rows * distance;
        switch (left)
        {
            case 1: Run<One>(1, last, sums, distance); break;
            case 2: Run<Two>(1, last, sums, distance); break;
            case 3: Run<Three>(1, last, sums, distance); break;
            case 4: Run<Four>(1, last, sums, distance); break;
            default: Run<Five>(1, last, sums, distance); break;
        }
    }

    // Many layers sum over few inputs: a call for each tile would take as long as its steps.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TRows>(int tiles, in TileOperands operands, int* sums, nint distance) where TRows : struct, ICount
    {
        var (lanes, step, bytes) = (sizeof(TVector) / sizeof(int), operands.InputDistance, 4 * (nint)operands.Steps);
        var start = operands.Start;
        for (var a = operands.Inputs; tiles > 0; tiles--, a += Rows * step, sums += Rows * distance)
        {
            TVector a0 = TDot.Load(start), a1 = TDot.Load(start + lanes);
            TVector b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1, e0 = a0, e1 = a1, f0 = a0, f1 = a1;
            byte* b = a + step, c = b + step, d = c + step, e = d + step, f = e + step;
            var weights = operands.Weights;
            for (nint at = 0; at < bytes; at += 4, weights += Vectors * sizeof(TVector))
            {
                TVector w0 = TDot.Load(weights), w1 = TDot.Load(weights + sizeof(TVector));
                (a0, a1) = Step(a + at, w0, w1, a0, a1);
                if (TRows.Value > 1) (b0, b1) = Step(b + at, w0, w1, b0, b1);
                if (TRows.Value > 2) (c0, c1) = Step(c + at, w0, w1, c0, c1);
                if (TRows.Value > 3) (d0, d1) = Step(d + at, w0, w1, d0, d1);
                if (TRows.Value > 4) (e0, e1) = Step(e + at, w0, w1, e0, e1);
                if (TRows.Value > 5) (f0, f1) = Step(f + at, w0, w1, f0, f1);
            }
            Store(a0, a1, sums);
            if (TRows.Value > 1) Store(b0, b1, sums + distance);
            if (TRows.Value > 2) Store(c0, c1, sums + 2 * distance);
            if (TRows.Value > 3) Store(d0, d1, sums + 3 * distance);
            if (TRows.Value > 4) Store(e0, e1, sums + 4 * distance);
            if (TRows.Value > 5) Store(f0, f1, sums + 5 * distance);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TVector, TVector) Step(byte* spread, TVector first, TVector second, TVector sum, TVector next)
    {
        var inputs = TDot.Inputs(spread);
        return (TDot.Step(sum, inputs, first), TDot.Step(next, inputs, second));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector first, TVector second, int* sums)
    {
        TDot.Store(first, sums);
        TDot.Store(second, sums + sizeof(TVector) / sizeof(int));
    }

    private interface ICount
    {
        static abstract int Value { get; }
    }

    private readonly struct One : ICount { public static int Value => 1; }

    private readonly struct Two : ICount { public static int Value => 2; }

    private readonly struct Three : ICount { public static int Value => 3; }

    private readonly struct Four : ICount { public static int Value => 4; }

    private readonly struct Five : ICount { public static int Value => 5; }

    private readonly struct Six : ICount { public static int Value => 6; }
}

/// <summary>What tiles read.</summary>
internal unsafe struct TileOperands
{
    /// <summary>Spread inputs of the first row.</summary>
    public byte* Inputs;

    /// <summary>Bytes from row to row.</summary>
    public nint InputDistance;

    /// <summary>Packed weights: step after step, vector after vector.</summary>
    public sbyte* Weights;

    /// <summary>How many steps.</summary>
    public int Steps;

    /// <summary>What the sums of each row begin with.</summary>
    public int* Start;
}

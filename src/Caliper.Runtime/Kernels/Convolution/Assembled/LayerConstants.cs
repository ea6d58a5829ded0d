using System.Runtime.InteropServices;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>The vectors of 64 bytes that the epilogue of one layer reads. Kept beside the code, not in it, so that layers of the
/// same geometry share their code.</summary>
internal static unsafe class LayerConstants
{
    public const int ZeroPointWords = 0;
    public const int LowBytes = 1;
    public const int HighBytes = 2;
    public const int LowFloats = 3;
    public const int HighFloats = 4;
    public const int ZeroPointFloats = 5;
    public const int OwnRatio = 6;
    public const int OtherRatio = 7;
    public const int Offset = 8;
    public const int SumHighFloats = 9;

    /// <summary>How many there are.</summary>
    public const int Count = 10;

    /// <summary>Fills the table.</summary>
    public static void Write(Epilogue epilogue, Span<byte> table)
    {
        var residual = epilogue.Residual;
        Fill(table, ZeroPointWords, (short)epilogue.ZeroPoint);
        // The last clamp before bytes are stored is that of the sum, where there is one.
        Fill(table, LowBytes, residual?.Low ?? epilogue.Low);
        Fill(table, HighBytes, residual?.High ?? epilogue.High);
        Fill(table, LowFloats, (float)(epilogue.Low - epilogue.ZeroPoint));
        Fill(table, HighFloats, (float)(epilogue.High - epilogue.ZeroPoint));
        Fill(table, ZeroPointFloats, (float)epilogue.ZeroPoint);
        Fill(table, OwnRatio, residual?.OwnRatio ?? 0);
        Fill(table, OtherRatio, residual?.OtherRatio ?? 0);
        Fill(table, Offset, residual?.Offset ?? 0);
        Fill(table, SumHighFloats, (float)(residual?.High ?? 0));
    }

    private static void Fill<T>(Span<byte> table, int slot, T value) where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(table.Slice(64 * slot, 64)).Fill(value);
}

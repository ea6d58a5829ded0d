using Caliper.Engine.Values;

namespace Caliper.Kernels.Products;

/// <summary>How far apart the elements of a matrix lie: a head of an attention is a part of every pixel, and a transposed matrix the same
/// memory with the distances exchanged.</summary>
/// <param name="Row">Bytes from a row to the next.</param>
/// <param name="Column">Bytes from an element of a row to the next.</param>
internal readonly record struct MatrixStrides(long Row, long Column);

/// <summary>
/// A product of two matrices of bytes that both come from the run itself, as attention has them: <c>Σ (a − z_a)·(b − z_b)</c> in 32 bits, and
/// what becomes of it. A product of two differences of bytes has at most 17 bits, so a sum holds 32,768 of them.
/// </summary>
/// <param name="Rows">Rows of the left matrix and of the result.</param>
/// <param name="Inner">Columns of the left matrix, rows of the right one.</param>
/// <param name="Columns">Columns of the right matrix and of the result.</param>
/// <param name="A">How the left matrix lies.</param>
/// <param name="B">How the right one lies.</param>
/// <param name="Output">How the result lies; its elements are as large as the form says.</param>
/// <param name="Form">What bytes and sums stand for.</param>
internal sealed record ProductLayer(int Rows, int Inner, int Columns, MatrixStrides A, MatrixStrides B, MatrixStrides Output, ProductForm Form)
{
    /// <summary>Multiply-adds of one product.</summary>
    public long MultiplyAdds => (long)Rows * Inner * Columns;
}

/// <summary>What the operands' bytes stand for, and what becomes of the sums.</summary>
/// <param name="ZeroA">The left byte that stands for 0.</param>
/// <param name="ZeroB">The right byte that stands for 0.</param>
/// <param name="Multiplier">What a sum is multiplied by where bytes or floats result.</param>
/// <param name="ZeroPoint">The byte that stands for 0 in the result.</param>
/// <param name="Range">Bounds of the result's bytes.</param>
/// <param name="Result">Bytes, floats, or the sums themselves.</param>
internal sealed record ProductForm(byte ZeroA, byte ZeroB, float Multiplier, byte ZeroPoint, ByteRange Range, EngineType Result)
{
    /// <summary>Bytes of an element of the result.</summary>
    public int ResultSize => Result is EngineType.Byte ? 1 : sizeof(int);
}

using System.Numerics;

namespace Caliper.Kernels.Dense;

/// <summary>Operations on lines of floats, each element for itself.</summary>
internal static unsafe class FloatLines
{
    /// <summary><c>y = fma(x, factor, y)</c>.</summary>
    public static void AddProduct(float* y, float* x, float factor, int count, KernelSet set)
    {
        var i = 0;
        if (FloatVectors.Serve(set))
        {
            var f = new Vector<float>(factor);
            for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
                *(Vector<float>*)(y + i) = Vector.FusedMultiplyAdd(*(Vector<float>*)(x + i), f, *(Vector<float>*)(y + i));
        }
        for (; i < count; i++) y[i] = MathF.FusedMultiplyAdd(x[i], factor, y[i]);
    }

    /// <summary><c>y = y + x</c>.</summary>
    public static void Add(float* y, float* x, int count, KernelSet set)
    {
        var i = 0;
        if (FloatVectors.Serve(set))
            for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) *(Vector<float>*)(y + i) += *(Vector<float>*)(x + i);
        for (; i < count; i++) y[i] += x[i];
    }

    /// <summary><c>y = max(y, x)</c>, or the least.</summary>
    public static void Select(float* y, float* x, int count, bool isMax, KernelSet set)
    {
        var i = 0;
        if (FloatVectors.Serve(set))
        {
            for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            {
                var (a, b) = (*(Vector<float>*)(y + i), *(Vector<float>*)(x + i));
                *(Vector<float>*)(y + i) = isMax ? Vector.Max(a, b) : Vector.Min(a, b);
            }
        }
        for (; i < count; i++) y[i] = isMax ? MathF.Max(y[i], x[i]) : MathF.Min(y[i], x[i]);
    }

    /// <summary><c>y = y · factor</c>.</summary>
    public static void Multiply(float* y, float factor, int count, KernelSet set)
    {
        var i = 0;
        if (FloatVectors.Serve(set))
            for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) *(Vector<float>*)(y + i) *= new Vector<float>(factor);
        for (; i < count; i++) y[i] *= factor;
    }

    /// <summary><c>y = x − number</c>.</summary>
    public static void Subtract(float* y, float* x, float number, int count, KernelSet set)
    {
        var i = 0;
        if (FloatVectors.Serve(set))
            for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
                *(Vector<float>*)(y + i) = *(Vector<float>*)(x + i) - new Vector<float>(number);
        for (; i < count; i++) y[i] = x[i] - number;
    }

    /// <summary><c>y = y / divisor</c>.</summary>
    public static void Divide(float* y, float divisor, int count, KernelSet set)
    {
        var i = 0;
        if (FloatVectors.Serve(set))
            for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) *(Vector<float>*)(y + i) /= new Vector<float>(divisor);
        for (; i < count; i++) y[i] /= divisor;
    }
}

using System.Numerics;

namespace Caliper.Kernels.Dense;

/// <summary>A function applied to a run of floats.</summary>
internal unsafe delegate void MapRun(float* x, float* y, int count);

/// <summary>A function of two floats applied to two runs.</summary>
internal unsafe delegate void ZipRun(float* a, float* b, float* y, int count);

/// <summary>A function of one float: its definition, and the same bits several at a time.</summary>
internal interface IFloatMap
{
    /// <summary>The definition.</summary>
    float Of(float x);

    /// <summary>The definition, lane by lane.</summary>
    Vector<float> Of(Vector<float> x);
}

/// <summary>A function of two floats: its definition, and the same bits several at a time.</summary>
internal interface IFloatZip
{
    /// <summary>The definition.</summary>
    float Of(float a, float b);

    /// <summary>The definition, lane by lane.</summary>
    Vector<float> Of(Vector<float> a, Vector<float> b);
}

/// <summary>A function of one float, as operators are made of it.</summary>
/// <param name="Of">The definition.</param>
/// <param name="Vectors">The same bits for a run, where it has a form in vectors.</param>
internal sealed record FloatFunction(Func<float, float> Of, MapRun? Vectors = null)
{
    /// <summary>A function that has a form in vectors.</summary>
    public static unsafe FloatFunction From<T>(T map) where T : struct, IFloatMap => new(map.Of, (x, y, count) => Run(map, x, y, count));

    /// <summary>The function of a run: in vectors, or as its definition where a session asks for plain code.</summary>
    public unsafe MapRun For(KernelSet set) => Vectors is { } run && FloatVectors.Serve(set) ? run : (x, y, count) =>
    {
        for (var i = 0; i < count; i++) y[i] = Of(x[i]);
    };

    private static unsafe void Run<T>(T map, float* x, float* y, int count) where T : struct, IFloatMap
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) *(Vector<float>*)(y + i) = map.Of(*(Vector<float>*)(x + i));
        for (; i < count; i++) y[i] = map.Of(x[i]);
    }
}

/// <summary>A function of two floats, as operators are made of it.</summary>
/// <param name="Of">The definition.</param>
/// <param name="Vectors">The same bits for two runs, where it has a form in vectors.</param>
/// <param name="WithRight">The function of one float that it is when the right one is constant.</param>
/// <param name="WithLeft">The same with the left one.</param>
internal sealed record FloatFunctionOfTwo(
    Func<float, float, float> Of, ZipRun? Vectors, Func<float, FloatFunction> WithRight, Func<float, FloatFunction> WithLeft)
{
    /// <summary>A function that has a form in vectors.</summary>
    public static unsafe FloatFunctionOfTwo From<T>(T zip) where T : struct, IFloatZip => new(zip.Of, (a, b, y, count) => Run(zip, a, b, y, count),
        c => FloatFunction.From(new Right<T>(zip, c)), c => FloatFunction.From(new Left<T>(zip, c)));

    /// <summary>A function that is known by its definition alone.</summary>
    public static FloatFunctionOfTwo From(Func<float, float, float> of) => new(of, null, c => new(x => of(x, c)), c => new(x => of(c, x)));

    /// <summary>The function of two runs.</summary>
    public unsafe ZipRun For(KernelSet set) => Vectors is { } run && FloatVectors.Serve(set) ? run : (a, b, y, count) =>
    {
        for (var i = 0; i < count; i++) y[i] = Of(a[i], b[i]);
    };

    private static unsafe void Run<T>(T zip, float* a, float* b, float* y, int count) where T : struct, IFloatZip
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            *(Vector<float>*)(y + i) = zip.Of(*(Vector<float>*)(a + i), *(Vector<float>*)(b + i));
        for (; i < count; i++) y[i] = zip.Of(a[i], b[i]);
    }

    private readonly struct Right<T>(T zip, float c) : IFloatMap where T : struct, IFloatZip
    {
        public float Of(float x) => zip.Of(x, c);

        public Vector<float> Of(Vector<float> x) => zip.Of(x, new Vector<float>(c));
    }

    private readonly struct Left<T>(T zip, float c) : IFloatMap where T : struct, IFloatZip
    {
        public float Of(float x) => zip.Of(c, x);

        public Vector<float> Of(Vector<float> x) => zip.Of(new Vector<float>(c), x);
    }
}

/// <summary>Whether vectors of floats serve a session.</summary>
internal static class FloatVectors
{
    public static bool Serve(KernelSet set) => set < KernelSet.Portable && Vector.IsHardwareAccelerated;

    /// <summary>What reports call the kernel.</summary>
    public static string NameFor(KernelSet set) => Serve(set) ? "vector" : "portable";
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Dense;

/// <summary>A function applied to a run of floats.</summary>
internal unsafe delegate void MapRun(float* x, float* y, int count);

/// <summary>A function of two floats applied to two runs.</summary>
internal unsafe delegate void ZipRun(float* a, float* b, float* y, int count);

/// <summary>A function of one float. Of one lane it is the definition; of several it has the same bits.</summary>
internal interface IFloatMap
{
    /// <summary>What it cuts off at, where it does nothing else.</summary>
    FloatBounds Bounds => default;

    /// <summary>The function, lane by lane.</summary>
    T Of<T>(T x) where T : struct, ILanes<T>;
}

/// <summary>A function of two floats. Of one lane it is the definition; of several it has the same bits.</summary>
internal interface IFloatZip
{
    /// <summary>The function, lane by lane.</summary>
    T Of<T>(T a, T b) where T : struct, ILanes<T>;
}

/// <summary>A function of one float, as operators are made of it.</summary>
/// <param name="Of">The definition.</param>
/// <param name="Vectors">The same bits for a run, where it has a form in vectors.</param>
/// <param name="Wide">The same in vectors of 512 bits.</param>
internal sealed record FloatFunction(Func<float, float> Of, MapRun? Vectors = null, MapRun? Wide = null)
{
    /// <summary>A function that has a form in vectors.</summary>
    public static unsafe FloatFunction From<TMap>(TMap map) where TMap : struct, IFloatMap => new(x => map.Of(new OneLane(x)).Value,
        (x, y, count) => Run<TMap, NativeLanes>(map, x, y, count), (x, y, count) => Run<TMap, WideLanes>(map, x, y, count))
    {
        Recorded = x => map.Of(x),
        Bounds = map.Bounds,
    };

    /// <summary>What it cuts off at, where it does nothing else.</summary>
    public FloatBounds Bounds { get; private init; }

    /// <summary>Records its steps; null where only its definition is known.</summary>
    public Func<RecordedLane, RecordedLane>? Recorded { get; private init; }

    /// <summary>The function of a run: in vectors, or as its definition where a session asks for plain code.</summary>
    public unsafe MapRun For(KernelSet set) => Wide is { } wide && FloatVectors.AreWide(set) ? wide
        : Vectors is { } run && FloatVectors.Serve(set) ? run : (x, y, count) =>
        {
            for (var i = 0; i < count; i++) y[i] = Of(x[i]);
        };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Run<TMap, T>(TMap map, float* x, float* y, int count) where TMap : struct, IFloatMap where T : struct, ILanes<T>
    {
        var i = 0;
        for (; i <= count - T.Count; i += T.Count) T.Store(map.Of(T.Load(x + i)), y + i);
        for (; i < count; i++) y[i] = map.Of(new OneLane(x[i])).Value;
    }
}

/// <summary>A function of two floats, as operators are made of it.</summary>
/// <param name="Of">The definition.</param>
/// <param name="Vectors">The same bits for two runs, where it has a form in vectors.</param>
/// <param name="Wide">The same in vectors of 512 bits.</param>
/// <param name="WithRight">The function of one float that it is when the right one is constant.</param>
/// <param name="WithLeft">The same with the left one.</param>
internal sealed record FloatFunctionOfTwo(
    Func<float, float, float> Of, ZipRun? Vectors, ZipRun? Wide, Func<float, FloatFunction> WithRight, Func<float, FloatFunction> WithLeft)
{
    /// <summary>A function that has a form in vectors.</summary>
    public static unsafe FloatFunctionOfTwo From<TZip>(TZip zip) where TZip : struct, IFloatZip => new(
        (a, b) => zip.Of(new OneLane(a), new OneLane(b)).Value,
        (a, b, y, count) => Run<TZip, NativeLanes>(zip, a, b, y, count), (a, b, y, count) => Run<TZip, WideLanes>(zip, a, b, y, count),
        c => FloatFunction.From(new Right<TZip>(zip, c)), c => FloatFunction.From(new Left<TZip>(zip, c)))
    {
        Recorded = (a, b) => zip.Of(a, b),
    };

    /// <summary>Records its steps; null where only its definition is known.</summary>
    public Func<RecordedLane, RecordedLane, RecordedLane>? Recorded { get; private init; }

    /// <summary>A function that is known by its definition alone.</summary>
    public static FloatFunctionOfTwo From(Func<float, float, float> of) => new(of, null, null, c => new(x => of(x, c)), c => new(x => of(c, x)));

    /// <summary>The function of two runs.</summary>
    public unsafe ZipRun For(KernelSet set) => Wide is { } wide && FloatVectors.AreWide(set) ? wide
        : Vectors is { } run && FloatVectors.Serve(set) ? run : (a, b, y, count) =>
        {
            for (var i = 0; i < count; i++) y[i] = Of(a[i], b[i]);
        };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Run<TZip, T>(TZip zip, float* a, float* b, float* y, int count)
        where TZip : struct, IFloatZip where T : struct, ILanes<T>
    {
        var i = 0;
        for (; i <= count - T.Count; i += T.Count) T.Store(zip.Of(T.Load(a + i), T.Load(b + i)), y + i);
        for (; i < count; i++) y[i] = zip.Of(new OneLane(a[i]), new OneLane(b[i])).Value;
    }

    private readonly struct Right<TZip>(TZip zip, float c) : IFloatMap where TZip : struct, IFloatZip
    {
        public T Of<T>(T x) where T : struct, ILanes<T> => zip.Of(x, T.Of(c));
    }

    private readonly struct Left<TZip>(TZip zip, float c) : IFloatMap where TZip : struct, IFloatZip
    {
        public T Of<T>(T x) where T : struct, ILanes<T> => zip.Of(T.Of(c), x);
    }
}

/// <summary>Whether vectors of floats serve a session.</summary>
internal static class FloatVectors
{
    public static bool Serve(KernelSet set) => set < KernelSet.Portable && Vector.IsHardwareAccelerated;

    /// <summary>Whether those of 512 bits do.</summary>
    public static bool AreWide(KernelSet set) => set < KernelSet.AvxVnni && Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>What reports call the kernel.</summary>
    public static string NameFor(KernelSet set) => Serve(set) ? "vector" : "portable";
}

using System.Numerics;

namespace Caliper.Kernels.Dense;

/// <summary>What finds the largest or smallest elements along an axis, whatever they are.</summary>
internal interface ISelection
{
    DenseKernel Arg(bool isLast);

    DenseKernel Indices(int count);

    DenseKernel Values(int count);
}

/// <summary>The largest or smallest elements along an axis: ArgMax, ArgMin and TopK. Of equal elements the one that comes first is first; NaN
/// counts as the least of all, so that there is one order and every run ends.</summary>
/// <param name="outer">Lines that lie one after the other.</param>
/// <param name="length">Elements of a line.</param>
/// <param name="inner">How far apart the elements of a line lie.</param>
/// <param name="largest">Whether the largest are wanted.</param>
internal sealed unsafe class Selection<T>(int outer, int length, int inner, bool largest) : ISelection where T : unmanaged, INumber<T>
{
    private long Elements => (long)outer * length * inner;

    /// <summary>Where the first is, or of equal ones the last.</summary>
    public DenseKernel Arg(bool isLast) => new((inputs, output, _) =>
    {
        for (var line = 0; line < outer * inner; line++)
        {
            var x = (T*)inputs[0] + line / inner * (long)length * inner + line % inner;
            var best = 0;
            for (var i = 1; i < length; i++)
            {
                var order = Order(x[(long)i * inner], x[(long)best * inner]);
                if (order > 0 || (isLast && order == 0)) best = i;
            }
            ((long*)output)[line] = best;
        }
    }, (long)outer * inner * sizeof(long), Elements * sizeof(T));

    /// <summary>Where the first <paramref name="count"/> are, in their order.</summary>
    public DenseKernel Indices(int count) => new((inputs, output, _) =>
    {
        for (var line = 0; line < outer * inner; line++)
            Select((T*)inputs[0] + line / inner * (long)length * inner + line % inner,
                (long*)output + line / inner * (long)count * inner + line % inner, count);
    }, (long)outer * inner * count * sizeof(long), Elements * sizeof(T));

    /// <summary>The elements themselves, read from where they are.</summary>
    public DenseKernel Values(int count) => new((inputs, output, _) =>
    {
        for (var line = 0; line < outer * inner; line++)
        {
            var (x, to) = (line / inner * (long)length * inner + line % inner, line / inner * (long)count * inner + line % inner);
            for (var i = 0L; i < (long)count * inner; i += inner) ((T*)output)[to + i] = ((T*)inputs[0])[x + ((long*)inputs[1])[to + i] * inner];
        }
    }, (long)outer * inner * count * sizeof(T), Elements * sizeof(T), (long)outer * inner * count * sizeof(long));

    private int Order(T a, T b) => largest ? a.CompareTo(b) : T.IsNaN(a) || T.IsNaN(b) ? a.CompareTo(b) : b.CompareTo(a);

    /// <summary>Keeps the best in a heap whose root is the worst of them, then takes it apart from the end.</summary>
    private void Select(T* x, long* heap, int count)
    {
        if (count == 0) return;
        for (var i = 0; i < count; i++) heap[(long)i * inner] = i;
        for (var i = count / 2 - 1; i >= 0; i--) Sink(x, heap, i, count);
        for (var i = count; i < length; i++)
        {
            if (!IsBefore(x, i, heap[0])) continue;
            heap[0] = i;
            Sink(x, heap, 0, count);
        }
        for (var end = count - 1; end > 0; end--)
        {
            (heap[0], heap[(long)end * inner]) = (heap[(long)end * inner], heap[0]);
            Sink(x, heap, 0, end);
        }
    }

    private void Sink(T* x, long* heap, int at, int count)
    {
        while (2 * at + 1 is var child && child < count)
        {
            if (child + 1 < count && IsBefore(x, heap[(long)child * inner], heap[(child + 1L) * inner])) child++;
            if (!IsBefore(x, heap[(long)at * inner], heap[(long)child * inner])) return;
            (heap[(long)at * inner], heap[(long)child * inner]) = (heap[(long)child * inner], heap[(long)at * inner]);
            at = child;
        }
    }

    private bool IsBefore(T* x, long a, long b) => Order(x[a * inner], x[b * inner]) is var order && order != 0 ? order > 0 : a < b;
}

using System.Numerics;
using Caliper.Engine.Values;

namespace Caliper.Engine.Steps;

/// <summary>Looks up what each byte stands for.</summary>
internal sealed unsafe class DequantizeStep : Step
{
    /// <summary>A box of one scale, and what becomes of its numbers.</summary>
    internal readonly record struct Part(StridedWalk Walk, Place From, Place To, ByteScale Scale, Func<float, float>? Function);

    private readonly Part[] _parts;
    private readonly float[][] _tables;

    public DequantizeStep(Part[] parts)
    {
        _parts = parts;
        _tables = [.. parts.Select(TableOf)];
        Units = parts.Sum(p => p.Walk.Count);
    }

    public override int Units { get; }

    public override IEnumerable<Extent> Extents => _parts.SelectMany(p =>
        new[] { Extent.Writes(p.To, p.Walk.Span(0, sizeof(float))), Extent.Reads(p.From, p.Walk.Span(1, 1)) });

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Span<long> offsets = stackalloc long[2];
        var first = 0;
        for (var part = 0; part < _parts.Length; part++)
        {
            var (walk, table) = (_parts[part].Walk, _tables[part]);
            for (var i = Math.Max(unitStart - first, 0); i < Math.Min(unitEnd - first, walk.Count); i++)
            {
                var count = walk.Run(i, offsets);
                var to = context.At(_parts[part].To) + offsets[0];
                var from = context.At(_parts[part].From) + offsets[1];
                var (toStride, fromStride) = (walk.RunStrides[0], walk.RunStrides[1]);
                var done = toStride == sizeof(float) && fromStride == 1 && _parts[part].Function is null
                    ? Vectors(from, (float*)to, count, _parts[part].Scale) : 0;
                for (var k = done; k < count; k++) *(float*)(to + k * toStride) = table[from[k * fromStride]];
            }
            first += walk.Count;
        }
    }

    private static float[] TableOf(Part part)
    {
        var function = part.Function ?? (x => x);
        return [.. Enumerable.Range(0, 256).Select(q => function(part.Scale.Dequantize((byte)q)))];
    }

    /// <summary>The same as the table, for bytes side by side; returns how many were done.</summary>
    private static int Vectors(byte* from, float* to, int count, ByteScale scale)
    {
        var zero = new Vector<int>(scale.ZeroPoint);
        var factor = new Vector<float>(scale.Scale);
        var done = 0;
        for (; done <= count - Vector<byte>.Count; done += Vector<byte>.Count)
        {
            Vector.Widen(*(Vector<byte>*)(from + done), out var low, out var high);
            Vector.Widen(low, out var q0, out var q1);
            Vector.Widen(high, out var q2, out var q3);
            var four = (Vector<float>*)(to + done);
            four[0] = Vector.ConvertToSingle(Vector.AsVectorInt32(q0) - zero) * factor;
            four[1] = Vector.ConvertToSingle(Vector.AsVectorInt32(q1) - zero) * factor;
            four[2] = Vector.ConvertToSingle(Vector.AsVectorInt32(q2) - zero) * factor;
            four[3] = Vector.ConvertToSingle(Vector.AsVectorInt32(q3) - zero) * factor;
        }
        return done;
    }
}

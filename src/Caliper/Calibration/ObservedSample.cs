using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Caliper.Graphs;

namespace Caliper.Calibration;

/// <summary>An entry of the ledger of samples: enough to tell that one was seen before, or resembles another.</summary>
/// <param name="Name">Name of the sample.</param>
/// <param name="Content">A hash of the model's inputs.</param>
/// <param name="Likeness">Which parts of its first input are brighter than their neighbours, 128 bits; similar images differ
/// in few. 0 where the input is no image.</param>
/// <param name="IsConstant">Whether every element of its first input is the same.</param>
public sealed record ObservedSample(string Name, ulong Content, UInt128 Likeness, bool IsConstant) : IComparable<ObservedSample>
{
    private const int Grid = 9;

    /// <summary>In which half of the data a sample is, 0 or 1: it depends on its name alone.</summary>
    internal static int HalfOf(string name) => SHA256.HashData(Encoding.UTF8.GetBytes(name))[0] & 1;

    /// <summary>By name, then by content.</summary>
    public int CompareTo(ObservedSample? other)
    {
        if (other is null) return 1;
        var byName = string.CompareOrdinal(Name, other.Name);
        return byName != 0 ? byName : Content.CompareTo(other.Content);
    }

    internal static ObservedSample Of(string name, IEnumerable<Tensor> inputs)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Tensor? first = null;
        foreach (var input in inputs)
        {
            first ??= input;
            hash.AppendData(input.Bytes.Span);
        }
        var content = BinaryPrimitives.ReadUInt64LittleEndian(hash.GetHashAndReset());
        if (first is not { Type: ElementType.Float32 }) return new ObservedSample(name, content, 0, false);
        var values = first.Span<float>();
        var isConstant = values.Length > 1 && !values.ContainsAnyExcept(values[0]);
        return new ObservedSample(name, content, LikenessOf(first), isConstant);
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Name);
        writer.Write(Content);
        writer.Write((ulong)(Likeness >> 64));
        writer.Write((ulong)Likeness);
        writer.Write(IsConstant);
    }

    internal static ObservedSample Read(BinaryReader reader) =>
        new(reader.ReadString(), reader.ReadUInt64(), new UInt128(reader.ReadUInt64(), reader.ReadUInt64()), reader.ReadBoolean());

    /// <summary>The difference hash of an image: the mean of each of 9 by 9 parts, compared with the part to its right and
    /// with the one below (N. Krawetz, "Kind of Like That", 2013, in both directions).</summary>
    private static UInt128 LikenessOf(Tensor image)
    {
        if (image.Shape.Rank != 4 || image.Shape[2].Length < Grid || image.Shape[3].Length < Grid) return 0;
        var means = PartMeans(image);
        UInt128 likeness = 0;
        for (var y = 0; y < Grid - 1; y++)
        {
            for (var x = 0; x < Grid - 1; x++)
            {
                likeness = likeness << 1 | (means[y * Grid + x] < means[y * Grid + x + 1] ? 1u : 0u);
                likeness = likeness << 1 | (means[y * Grid + x] < means[(y + 1) * Grid + x] ? 1u : 0u);
            }
        }
        return likeness;
    }

    private static double[] PartMeans(Tensor image)
    {
        var values = image.Span<float>();
        var (height, width) = ((int)image.Shape[2].Length, (int)image.Shape[3].Length);
        var sums = new double[Grid * Grid];
        for (var row = 0; row < values.Length / width; row++)
        {
            var line = values.Slice(row * width, width);
            var y = row % height * Grid / height;
            for (var x = 0; x < Grid; x++)
            {
                var sum = 0f;
                int start = x * width / Grid, end = (x + 1) * width / Grid;
                foreach (var value in line[start..end]) sum += value;
                sums[y * Grid + x] += sum / (end - start);
            }
        }
        for (var y = 0; y < Grid; y++)
        {
            // Rows that are y-th parts: as many as y · Grid / height maps there.
            var rows = Enumerable.Range(0, height).Count(r => r * Grid / height == y);
            for (var x = 0; x < Grid; x++) sums[y * Grid + x] /= rows;
        }
        return sums;
    }
}

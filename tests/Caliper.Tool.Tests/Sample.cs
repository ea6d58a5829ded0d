using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Numerics.Tensors;
using System.Text;
using Caliper.Graphs;
using Caliper.Onnx;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Tool.Tests;

/// <summary>A folder for one test with a small network and small data in it; deleted afterwards.</summary>
internal sealed class Sample : IDisposable
{
    public const int Classes = 6;
    public const int Side = 8;
    private readonly Random _random = new(1);
    private Random _weights = new(1);

    public Sample(string name = "sample")
    {
        Folder = Path.Combine(Path.GetTempPath(), $"caliper-{Guid.NewGuid():N}", name);
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; }

    public string this[string name] => Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);

    /// <summary>A convolution, its activation, a global average and a linear layer: N×3×8×8 to N×6. A name has its own
    /// weights, the same every time.</summary>
    public string Model(string name = "model.onnx", bool givesScores = true)
    {
        _weights = new Random(name.Sum(c => c));
        var initializers = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, Tensor>
        {
            ["conv.weight"] = Weights(8, 3, 3, 3),
            ["conv.bias"] = Weights(8),
            ["fc.weight"] = Weights(Classes, 8),
            ["fc.bias"] = Weights(Classes),
        });
        Node[] nodes =
        [
            new Node("conv", "Conv", ["input", "conv.weight", "conv.bias"], ["conv.out"])
                .With("kernel_shape", new AttributeValue.Ints([3, 3])).With("pads", new AttributeValue.Ints([1, 1, 1, 1])),
            new Node("relu", "Relu", ["conv.out"], ["relu.out"]),
            new Node("pool", "GlobalAveragePool", ["relu.out"], ["pool.out"]),
            new Node("flatten", "Flatten", ["pool.out"], ["flat"]),
            new Node("fc", "Gemm", ["flat", "fc.weight", "fc.bias"], ["scores"]).With("transB", 1),
        ];
        var output = givesScores ? new Value("scores", ElementType.Float32, BatchOf(Classes))
            : new Value("relu.out", ElementType.Float32, BatchOf(8, Side, Side));
        var graph = new Graph("small", [new Value("input", ElementType.Float32, BatchOf(3, Side, Side))], [output],
            givesScores ? nodes : nodes[..2], givesScores ? initializers : initializers.RemoveRange(["fc.weight", "fc.bias"]));
        var opsets = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("", 17L)]);
        OnnxFile.Write(new Model(graph, opsets), this[name]);
        return this[name];
    }

    /// <summary>Images in a folder for each class.</summary>
    public string Images(int perClass = 4, string name = "images", int side = Side)
    {
        for (var label = 0; label < Classes; label++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(this[name], $"class{label}")).FullName;
            for (var i = 0; i < perClass; i++) File.WriteAllBytes(Path.Combine(folder, $"{i}.bmp"), Bitmap(side, label));
        }
        return this[name];
    }

    /// <summary>Images without labels.</summary>
    public string UnlabelledImages(int count = 8, string name = "unlabelled")
    {
        Directory.CreateDirectory(this[name]);
        for (var i = 0; i < count; i++) File.WriteAllBytes(Path.Combine(this[name], $"{i}.bmp"), Bitmap(Side, i));
        return this[name];
    }

    /// <summary>Images whose labels are what a model answers, so that its accuracy is 100 %.</summary>
    public string ImagesLabelledBy(string model, int count = 32)
    {
        var folder = UnlabelledImages(count, "labelled");
        using var network = FloatModel.Load(model);
        var batch = Imaging.DataSource.Open(folder, null, count).Single();
        var scores = network.Run(batch.Inputs)["scores"];
        var lines = batch.SampleNames.Select((name, i) =>
            $"{name},{TensorPrimitives.IndexOfMax(scores.Span<float>().Slice(i * Classes, Classes))}");
        File.WriteAllLines(Path.Combine(folder, "labels.csv"), ["file,label", .. lines]);
        return folder;
    }

    /// <summary>An array of network inputs, N×3×8×8 unless told otherwise.</summary>
    public string Array(int count, string name = "data.npy", float? first = null, int side = Side)
    {
        var values = new float[count * 3 * side * side];
        for (var i = 0; i < values.Length; i++) values[i] = _random.NextSingle();
        if (first is { } value) values[0] = value;
        WriteArray(File.Create(this[name]), Tensor.Of(Shape.Of(count, 3, side, side), values));
        return this[name];
    }

    /// <summary>Several arrays in one file.</summary>
    public string Arrays(string name, params (string Name, Tensor Tensor)[] arrays)
    {
        using var zip = ZipFile.Open(this[name], ZipArchiveMode.Create);
        foreach (var (array, tensor) in arrays) WriteArray(zip.CreateEntry(array + ".npy").Open(), tensor);
        return this[name];
    }

    private static void WriteArray(Stream stream, Tensor tensor)
    {
        var shape = string.Join(", ", tensor.Shape.ToArray());
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}".PadRight(117) + "\n";
        using var file = new BinaryWriter(stream);
        file.Write([0x93, .. "NUMPY"u8, 1, 0]);
        file.Write((ushort)header.Length);
        file.Write(Encoding.ASCII.GetBytes(header));
        file.Write(tensor.Bytes.Span);
    }

    /// <summary>Files beside those that a test made itself: what should not be there.</summary>
    public string[] Leftovers(params string[] expected) =>
        [.. Directory.EnumerateFiles(Folder).Select(f => Path.GetFileName(f)).Except(expected)];

    /// <summary>An uncompressed picture whose colours lean to one class.</summary>
    private byte[] Bitmap(int side, int label)
    {
        var bytesPerRow = (side * 3 + 3) / 4 * 4;
        var bytes = new byte[54 + bytesPerRow * side];
        "BM"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(2), bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(18), side);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(22), side);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(26), 1);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(28), 24);
        for (var i = 54; i < bytes.Length; i++) bytes[i] = (byte)(_random.Next(128) + (i + label) % 3 * 40);
        return bytes;
    }

    private Tensor Weights(params long[] lengths)
    {
        var shape = Shape.Of(lengths);
        var values = new float[shape.ElementCount];
        for (var i = 0; i < values.Length; i++) values[i] = _weights.NextSingle() - 0.5f;
        return Tensor.Of(shape, values);
    }

    private static Shape BatchOf(params long[] lengths) => new([Dimension.Named("N"), .. lengths.Select(Dimension.Of)]);
}

using Caliper.Graphs;

namespace Caliper.Conformance.Engine;

/// <summary>Random quantized networks in which matrix products, movements, convolutions, pools and float operators follow each other in
/// any order, on tensors of one to six axes any of which may have length 1: every change between the two orders of memory.</summary>
internal sealed class MixedNetworks
{
    private const int MostElements = 4000;

    private readonly QdqBuilder _b;
    private readonly Random _random;
    private readonly List<(string Name, int[] Shape)> _values = [];

    private MixedNetworks(int seed)
    {
        _b = new QdqBuilder(seed) { Signed = seed % 7 == 0 };
        _random = _b.Random;
    }

    /// <summary>A network of so many operators; its first axis is the batch at the beginning and may be anything later.</summary>
    public static Model Build(int seed, int batch, int length)
    {
        var networks = new MixedNetworks(seed);
        networks.Start(batch);
        while (networks._values.Count <= length) networks.Next();
        var (last, another) = (networks._values[^1].Name, networks._values[networks._random.Next(networks._values.Count)].Name);
        return networks._b.Build(asFloats: true, last, another);
    }

    private void Start(int batch)
    {
        int[] shape = [batch, .. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Length())];
        _values.Add((_b.Input([.. shape.Select(l => (long)l)]), shape));
    }

    private int Length() => _random.Next(3) == 0 ? 1 : _random.Next(1, 10);

    private void Next()
    {
        // Mostly the latest value, so that the network is deep.
        var (x, shape) = _values[_random.Next(2) == 0 ? ^1 : _random.Next(_values.Count)];
        var made = _random.Next(15) switch
        {
            0 or 1 when shape.Length is 3 or 4 => Convolution(x, shape),
            2 when shape.Length is 3 or 4 => Pool(x, shape),
            3 or 4 when shape.Length >= 2 => Product(x, shape),
            5 when shape.Length >= 2 => Square(x, shape),
            6 => Transpose(x, shape),
            7 or 8 => Reshape(x, shape),
            9 => Slice(x, shape),
            10 => Concat(x, shape),
            11 => (_b.Apply("Sigmoid", 1, [x]), shape),
            12 => Add(x, shape),
            // ONNX Runtime overflows where 1/scale is above 128 times the length.
            13 => (_b.Apply("Softmax", 1f / 128, 0, [x], n => n.With("axis", _random.Next(shape.Length))), shape),
            14 => Reduce(x, shape),
            _ => Reshape(x, shape),
        };
        if (made is var (name, result) && result.Aggregate(1L, (p, l) => p * l) <= MostElements) _values.Add((name, result));
    }

    private (string, int[]) Convolution(string x, int[] shape)
    {
        var (channels, spatial) = (shape[1], shape[2..]);
        var kernel = _random.Next(2) == 0 ? 1 : 3;
        var isDepthwise = channels > 1 && _random.Next(3) == 0;
        var outputs = isDepthwise ? channels : _random.Next(1, 12);
        var y = _b.Conv(x, channels, outputs, kernel, 1, kernel / 2, 1, isDepthwise ? channels : 1, _random.Next(2) == 0, axes: spatial.Length);
        return (y, [shape[0], outputs, .. spatial]);
    }

    private (string, int[]) Pool(string x, int[] shape)
    {
        var axes = shape.Length - 2;
        Node Windowed(Node n) => n.With("kernel_shape", [.. Enumerable.Repeat(3L, axes)]).With("pads", [.. Enumerable.Repeat(1L, 2 * axes)]);
        return _random.Next(3) switch
        {
            0 => (_b.Keep("MaxPool", [x], Windowed), shape),
            1 => (_b.Apply("AveragePool", 2, [x], Windowed), shape),
            _ => (_b.Apply("GlobalAveragePool", 2, [x]), [shape[0], shape[1], .. Enumerable.Repeat(1, axes)]),
        };
    }

    private (string, int[]) Product(string x, int[] shape)
    {
        var outputs = _random.Next(1, 12);
        return (_b.MatMul(x, shape[^1], outputs), [.. shape[..^1], outputs]);
    }

    private (string, int[]) Square(string x, int[] shape)
    {
        int[] axes = [.. Enumerable.Range(0, shape.Length)];
        (axes[^1], axes[^2]) = (axes[^2], axes[^1]);
        var other = _b.Keep("Transpose", [x], n => n.With("perm", [.. axes.Select(a => (long)a)]));
        return (_b.Apply("MatMul", 6, [x, other]), [.. shape[..^1], shape[^2]]);
    }

    private (string, int[]) Transpose(string x, int[] shape)
    {
        int[] axes = [.. Enumerable.Range(0, shape.Length)];
        _random.Shuffle(axes);
        return (_b.Keep("Transpose", [x], n => n.With("perm", [.. axes.Select(a => (long)a)])), [.. axes.Select(a => shape[a])]);
    }

    /// <summary>Any other shape of as many elements: the prime factors are dealt out anew.</summary>
    private (string, int[]) Reshape(string x, int[] shape)
    {
        var target = Enumerable.Repeat(1, _random.Next(1, 7)).ToArray();
        var rest = shape.Aggregate(1, (p, l) => p * l);
        for (var prime = 2; rest > 1; prime++)
            for (; rest % prime == 0; rest /= prime) target[_random.Next(target.Length)] *= prime;
        var constant = _b.Constant(Tensor.Vector([.. target.Select(l => (long)l)]));
        return (_b.Keep("Reshape", [x], null, constant), target);
    }

    /// <summary>Runs in float, over any axis.</summary>
    private (string, int[]) Reduce(string x, int[] shape)
    {
        var axis = _random.Next(shape.Length);
        int[] result = [.. shape];
        result[axis] = 1;
        return (_b.Apply("ReduceMax", 2, [x], n => n.With("axes", (long[])[axis])), result);
    }

    private (string, int[]) Slice(string x, int[] shape)
    {
        var axis = _random.Next(shape.Length);
        var start = _random.Next(shape[axis]);
        var end = _random.Next(start + 1, shape[axis] + 1);
        var step = _random.Next(1, 3);
        string[] bounds = [.. new[] { start, end, axis, step }.Select(v => _b.Constant(Tensor.Vector((long)v)))];
        int[] result = [.. shape];
        result[axis] = (end - start + step - 1) / step;
        return (_b.Keep("Slice", [x], null, bounds), result);
    }

    private (string, int[]) Concat(string x, int[] shape)
    {
        var axis = _random.Next(shape.Length);
        var other = _values.FirstOrDefault(v => v.Name != x && v.Shape.Length == shape.Length
            && v.Shape.Where((l, a) => a != axis && l != shape[a]).All(_ => false));
        var (second, more) = other.Name is null ? (_b.Apply("Tanh", 1, [x]), shape[axis]) : (other.Name, other.Shape[axis]);
        int[] result = [.. shape];
        result[axis] += more;
        return (_b.Apply("Concat", 2, [x, second], n => n.With("axis", axis)), result);
    }

    private (string, int[]) Add(string x, int[] shape)
    {
        var other = _values.FirstOrDefault(v => v.Name != x && v.Shape.AsSpan().SequenceEqual(shape)).Name;
        long[] constant = [.. shape.Select(l => _random.Next(2) == 0 ? 1L : l)];
        return (_b.Apply(_random.Next(2) == 0 ? "Add" : "Mul", 3, [x, other ?? _b.Bytes(constant)]), shape);
    }
}

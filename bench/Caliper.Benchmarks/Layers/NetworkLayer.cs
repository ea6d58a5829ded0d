namespace Caliper.Benchmarks.Layers;

/// <summary>A convolution of a network: output size, channels, window, and how often it occurs.</summary>
internal sealed record NetworkLayer(int Size, int Inputs, int Outputs, int Kernel, int Stride, int Count = 1)
{
    /// <summary>Each output channel reads its own input channel.</summary>
    public bool IsDepthwise { get; init; }

    /// <summary>An addition is fused into it.</summary>
    public bool HasResidual { get; init; }

    /// <summary>Multiply-adds of one occurrence.</summary>
    public long MultiplyAdds => (long)Size * Size * Outputs * Kernel * Kernel * (IsDepthwise ? 1 : Inputs);

    public override string ToString() =>
        $"{Size}x{Size} {Inputs}->{Outputs} {Kernel}x{Kernel}"
        + (IsDepthwise ? " dw" : "") + (Stride > 1 ? $" /{Stride}" : "") + (HasResidual ? " +" : "");
}

/// <summary>The convolutions of well-known networks.</summary>
internal static class Networks
{
    public static IReadOnlyDictionary<string, NetworkLayer[]> All { get; } = new Dictionary<string, NetworkLayer[]>
    {
        ["resnet50"] = [.. ResNet50()],
        ["resnet18"] = [.. ResNet18()],
        ["squeezenet"] = [.. SqueezeNet()],
        ["mobilenetv2"] = [.. MobileNetV2()],
        ["resnet20"] = [.. ResNet20()],
    };

    private static IEnumerable<NetworkLayer> ResNet50()
    {
        yield return new(112, 3, 64, 7, 2);
        var inputs = 64;
        foreach (var (size, width, blocks) in new[] { (56, 64, 3), (28, 128, 4), (14, 256, 6), (7, 512, 3) })
        {
            var stride = size == 56 ? 1 : 2;
            yield return new(size * stride, inputs, width, 1, 1);
            yield return new(size, width, width, 3, stride);
            yield return new(size, inputs, 4 * width, 1, stride);
            yield return new(size, 4 * width, width, 1, 1, blocks - 1);
            yield return new(size, width, width, 3, 1, blocks - 1);
            yield return new(size, width, 4 * width, 1, 1, blocks) { HasResidual = true };
            inputs = 4 * width;
        }
        yield return new(1, 2048, 1000, 1, 1);
    }

    private static IEnumerable<NetworkLayer> ResNet18()
    {
        yield return new(112, 3, 64, 7, 2);
        yield return new(56, 64, 64, 3, 1, 2);
        yield return new(56, 64, 64, 3, 1, 2) { HasResidual = true };
        foreach (var (size, width) in new[] { (28, 128), (14, 256), (7, 512) })
        {
            yield return new(size, width / 2, width, 3, 2);
            yield return new(size, width / 2, width, 1, 2);
            yield return new(size, width, width, 3, 1);
            yield return new(size, width, width, 3, 1, 2) { HasResidual = true };
        }
        yield return new(1, 512, 1000, 1, 1);
    }

    private static IEnumerable<NetworkLayer> SqueezeNet()
    {
        yield return new(111, 3, 96, 7, 2);
        (int Size, int Inputs, int Squeezed, int Expanded)[] fires =
        [
            (55, 96, 16, 64), (55, 128, 16, 64), (55, 128, 32, 128), (27, 256, 32, 128), (27, 256, 48, 192), (27, 384, 48, 192),
            (27, 384, 64, 256), (13, 512, 64, 256),
        ];
        foreach (var (size, inputs, squeezed, expanded) in fires)
        {
            yield return new(size, inputs, squeezed, 1, 1);
            yield return new(size, squeezed, expanded, 1, 1);
            yield return new(size, squeezed, expanded, 3, 1);
        }
        yield return new(13, 512, 1000, 1, 1);
    }

    private static IEnumerable<NetworkLayer> MobileNetV2()
    {
        yield return new(112, 3, 32, 3, 2);
        yield return new(112, 32, 32, 3, 1) { IsDepthwise = true };
        yield return new(112, 32, 16, 1, 1);
        var inputs = 16;
        foreach (var (size, outputs, blocks, stride) in new[]
            { (56, 24, 2, 2), (28, 32, 3, 2), (14, 64, 4, 2), (14, 96, 3, 1), (7, 160, 3, 2), (7, 320, 1, 1) })
        {
            yield return new(size * stride, inputs, 6 * inputs, 1, 1);
            yield return new(size, 6 * inputs, 6 * inputs, 3, stride) { IsDepthwise = true };
            yield return new(size, 6 * inputs, outputs, 1, 1);
            if (blocks > 1)
            {
                yield return new(size, outputs, 6 * outputs, 1, 1, blocks - 1);
                yield return new(size, 6 * outputs, 6 * outputs, 3, 1, blocks - 1) { IsDepthwise = true };
                yield return new(size, 6 * outputs, outputs, 1, 1, blocks - 1) { HasResidual = true };
            }
            inputs = outputs;
        }
        yield return new(7, 320, 1280, 1, 1);
        yield return new(1, 1280, 1000, 1, 1);
    }

    private static IEnumerable<NetworkLayer> ResNet20()
    {
        yield return new(32, 3, 16, 3, 1);
        foreach (var (size, width, blocks) in new[] { (32, 16, 3), (16, 32, 3), (8, 64, 3) })
        {
            var plain = size == 32 ? blocks : blocks - 1;
            if (size < 32) yield return new(size, width / 2, width, 3, 2);
            yield return new(size, width, width, 3, 1, plain);
            yield return new(size, width, width, 3, 1, blocks) { HasResidual = true };
        }
        yield return new(1, 64, 10, 1, 1);
    }
}

using System.Security.Cryptography;
using System.Text;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Preparation;

namespace Caliper.Calibration;

/// <summary>
/// Tells one network from another by content: SHA-256 over its structure and its weights, as they were loaded. Computed
/// constants are left out of it, because their last bits may depend on the processor.
/// </summary>
internal static class ModelFingerprint
{
    /// <summary>Bytes of a fingerprint.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    public static byte[] Of(Model model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var graph = model.Graph;
        var asInputs = graph.Initializers.Select(i => new Value(i.Key, i.Value.Type, i.Value.Shape));
        hash.AppendData(OnnxFile.ToBytes(model with
        {
            Graph = new Graph(graph.Name, [.. graph.Inputs, .. asInputs], graph.Outputs, graph.Nodes, graph.Initializers.Clear()),
        }));
        foreach (var (name, tensor) in graph.Initializers)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(tensor.Bytes.Span);
        }
        return hash.GetHashAndReset();
    }

    /// <summary>That of a network with its channels divided: what is seen of it is not what is seen of the network that was loaded.</summary>
    public static byte[] Of(byte[] network, ChannelFactors factors) =>
        SHA256.HashData([.. network, .. Encoding.UTF8.GetBytes(ChannelFactorsJson.ToLine(factors))]);
}

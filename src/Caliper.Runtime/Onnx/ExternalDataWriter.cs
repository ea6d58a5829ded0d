using System.Globalization;
using Caliper.Graphs;
using Caliper.Onnx.Schema;

namespace Caliper.Onnx;

/// <summary>Puts tensors one after the other into a file beside the model.</summary>
/// <param name="stream">The file, at its beginning.</param>
/// <param name="location">Its name, as the model will say it.</param>
/// <param name="smallestInBytes">Tensors smaller than this stay in the model.</param>
internal sealed class ExternalDataWriter(Stream stream, string location, long smallestInBytes)
{
    // The standard recommends that a tensor starts on a memory page, so that a file can be mapped.
    private const long PageInBytes = 4096;
    private long _position;

    /// <summary>Writes a tensor's elements, or leaves them in the message where they are few.</summary>
    public TensorProto Write(string name, Tensor tensor)
    {
        if (tensor.Bytes.Length < smallestInBytes) return TensorWriter.Write(name, tensor);
        var padding = (int)((PageInBytes - _position % PageInBytes) % PageInBytes);
        stream.Write(new byte[padding]);
        stream.Write(tensor.Bytes.Span);
        var offset = _position + padding;
        _position = offset + tensor.Bytes.Length;

        var proto = TensorWriter.Declare(name, tensor);
        proto.DataLocation = TensorProto.Types.DataLocation.External;
        Add("location", location);
        Add("offset", offset.ToString(CultureInfo.InvariantCulture));
        Add("length", tensor.Bytes.Length.ToString(CultureInfo.InvariantCulture));
        return proto;

        void Add(string key, string value) => proto.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }
}

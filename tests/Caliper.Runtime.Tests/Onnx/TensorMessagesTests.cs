using Caliper.Onnx;
using Caliper.Onnx.Schema;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Caliper.Runtime.Tests.Onnx;

public class TensorMessagesTests
{
    public static TheoryData<string, string> Fields => new(from message in OnnxReflection.Descriptor.MessageTypes
                                                           where message != TensorProto.Descriptor
                                                           from part in message.Fields.InDeclarationOrder()
                                                           where WithTensor(part, []) is not null
                                                           select (message.Name, part.Name));

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_tensor_is_found_in_every_field_that_may_hold_one(string message, string field)
    {
        var descriptor = OnnxReflection.Descriptor.MessageTypes.Single(m => m.Name == message);
        Assert.Equal("this one", Assert.Single(TensorMessages.In(WithTensor(descriptor.FindFieldByName(field), []))).Name);
    }

    [Fact]
    public void The_format_has_such_fields() => Assert.Contains(("GraphProto", "initializer"), Fields.Select(f => f.Data));

    /// <summary>A message whose field holds a tensor, by the shortest way; null where it cannot.</summary>
    private static IMessage? WithTensor(FieldDescriptor field, HashSet<MessageDescriptor> above)
    {
        if (field.FieldType != FieldType.Message || field.IsMap) return null;
        HashSet<MessageDescriptor> way = [.. above, field.ContainingType];
        var part = field.MessageType == TensorProto.Descriptor ? new TensorProto { Name = "this one" }
            : way.Contains(field.MessageType) ? null
            : field.MessageType.Fields.InDeclarationOrder().Select(f => WithTensor(f, way)).FirstOrDefault(m => m is not null);
        if (part is null) return null;
        var message = field.ContainingType.Parser.ParseFrom(ByteString.Empty);
        if (field.IsRepeated) ((System.Collections.IList)field.Accessor.GetValue(message)).Add(part);
        else field.Accessor.SetValue(message, part);
        return message;
    }
}

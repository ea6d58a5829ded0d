using Caliper.Graphs;

namespace Caliper.Engine.Stages;

/// <summary>NonMaxSuppression: of boxes that overlap, the one of the highest score, for each sample and class, as ONNX Runtime selects them. How
/// many are left only a run knows.</summary>
internal sealed class BoxSelection(Node node) : Junction(node)
{
    public override Value[] Plan(Func<string, Value> known, out bool isFixed)
    {
        isFixed = false;
        var (boxes, scores) = (known(Node.Inputs[0]), known(Node.Inputs[1]));
        if (boxes.Type is not ElementType.Float32 || scores.Type is not ElementType.Float32) throw Fault("has boxes or scores that are no float32");
        Check(boxes.Shape!.Value, scores.Shape!.Value);
        return [new Value(Node.Output, ElementType.Int64, Shape.Of(1, 3))];
    }

    public override Tensor[] Run(Func<string, Tensor> read)
    {
        var (boxes, scores) = (read(Node.Inputs[0]), read(Node.Inputs[1]));
        Check(boxes.Shape, scores.Shape);
        var most = NumberOf(read, 2, 0L);
        var overlap = NumberOf(read, 3, 0f);
        if (!(overlap is >= 0 and <= 1)) throw Fault($"has an overlap of {overlap}, which must be from 0 to 1");
        float? least = Node.Input(4).Length > 0 ? NumberOf(read, 4, 0f) : null;
        var (samples, count, classes) = ((int)boxes.Shape[0].Length, (int)boxes.Shape[1].Length, (int)scores.Shape[1].Length);
        var selected = new List<long>();
        var isCentered = Node.Int("center_point_box", 0) != 0;
        var places = new Box[count];
        for (var sample = 0; sample < samples; sample++)
        {
            for (var i = 0; i < count; i++) places[i] = Box.Of(boxes.Span<float>().Slice((sample * count + i) * 4, 4), isCentered);
            for (var @class = 0; @class < classes; @class++)
            {
                var line = scores.Span<float>().Slice((sample * classes + @class) * count, count);
                foreach (var box in Selected(places, line.ToArray(), most, overlap, least)) selected.AddRange([sample, @class, box]);
            }
        }
        return [Tensor.Of(Shape.Of(selected.Count / 3, 3), selected.ToArray())];
    }

    private static List<int> Selected(Box[] boxes, float[] scores, long most, float overlap, float? least)
    {
        // Of equal scores, the first; a score that is no number is above no other.
        var order = Enumerable.Range(0, scores.Length).Where(i => least is not { } bound || scores[i] > bound).OrderByDescending(i => scores[i]);
        var kept = new List<int>();
        foreach (var i in order)
        {
            if (kept.Count >= most) break;
            if (kept.Exists(k => boxes[i].Overlap(boxes[k]) > overlap)) continue;
            kept.Add(i);
        }
        return kept;
    }

    private void Check(Shape boxes, Shape scores)
    {
        if (boxes.Rank != 3 || scores.Rank != 3 || boxes[2].Length != 4 || boxes[0] != scores[0] || boxes[1] != scores[2])
            throw Fault($"has boxes of {boxes} and scores of {scores}");
    }

    private readonly record struct Box(float Left, float Top, float Right, float Bottom)
    {
        private float Area => (Right - Left) * (Bottom - Top);

        public static Box Of(ReadOnlySpan<float> box, bool isCentered)
        {
            if (!isCentered) return new(MathF.Min(box[1], box[3]), MathF.Min(box[0], box[2]), MathF.Max(box[1], box[3]), MathF.Max(box[0], box[2]));
            var (width, height) = (box[2] / 2, box[3] / 2);
            return new(box[0] - width, box[1] - height, box[0] + width, box[1] + height);
        }

        /// <summary>What both have, as a share of what either has.</summary>
        public float Overlap(Box other)
        {
            var width = MathF.Min(Right, other.Right) - MathF.Max(Left, other.Left);
            var height = MathF.Min(Bottom, other.Bottom) - MathF.Max(Top, other.Top);
            var both = width * height;
            return width > 0 && height > 0 && both > 0 && Area > 0 && other.Area > 0 ? both / (Area + other.Area - both) : 0;
        }
    }
}

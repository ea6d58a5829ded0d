using Caliper.Graphs;

namespace Caliper.Hosting.Tests;

public sealed class Int8ServiceTests : IDisposable
{
    private readonly Models _models = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Every_request_has_the_bits_of_a_session_in_batches_too(int maxBatch)
    {
        var path = _models.Save("a.onnx");
        await using var service = Int8Service.Load(path, new Int8ServiceOptions { Workers = 2, MaxBatch = maxBatch });
        Assert.Equal(1 << int.Log2(maxBatch), service.MaxBatch);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => service.RunAsync(Models.Sample(i))));
        Assert.All(answers.Index(), a => Assert.Equal(Models.Answer(path, Models.Sample(a.Index)), a.Item));
    }

    [Fact]
    public async Task A_network_that_mixes_samples_or_fixes_the_batch_is_run_one_by_one()
    {
        foreach (var path in new[] { _models.Save("fixed.onnx", isFixed: true), _models.Save("mixes.onnx", mixes: true),
            _models.Save("dynamic.onnx", dynamic: true) })
        {
            await using var service = Int8Service.Load(path, new Int8ServiceOptions { Workers = 1, MaxBatch = 8 });
            Assert.Equal(1, service.MaxBatch);
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => service.RunAsync(Models.Sample(i))));
            Assert.All(answers.Index(), a => Assert.Equal(Models.Answer(path, Models.Sample(a.Index)), a.Item));
        }
    }

    [Fact]
    public async Task A_swap_under_load_fails_no_request_and_each_answer_is_of_one_of_the_models()
    {
        string[] paths = [_models.Save("a.onnx", seed: 1), _models.Save("b.onnx", seed: 2)];
        float[][] allowed = [.. paths.Select(p => Models.Answer(p, Models.Sample(0)))];
        Assert.NotEqual(allowed[0], allowed[1]);
        await using var service = Int8Service.Load(paths[0], new Int8ServiceOptions { Workers = 2, MaxBatch = 4 });
        var isOver = false;
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var answered = 0;
            for (; !Volatile.Read(ref isOver); answered++)
            {
                var answer = await service.RunAsync(Models.Sample(0));
                Assert.Contains(allowed, a => a.AsSpan().SequenceEqual(answer));
            }
            return answered;
        })).ToArray();
        for (var swap = 1; swap <= 20; swap++) service.Swap(paths[swap % 2]);
        // What comes after a swap has returned is the new model's.
        Assert.Equal(allowed[0], await service.RunAsync(Models.Sample(0)));
        Volatile.Write(ref isOver, true);
        Assert.All(await Task.WhenAll(callers), answered => Assert.NotEqual(0, answered));
    }

    [Fact]
    public async Task The_model_before_a_swap_is_freed_after_its_last_run_and_not_sooner()
    {
        var options = new Int8ServiceOptions { MaxBatch = 2 };
        var model = new LoadedModel(Onnx.OnnxFile.Read(_models.Save("a.onnx")), options);
        Assert.True(model.TryEnter());
        var end = Task.Run(model.Dispose);
        Assert.True(SpinWait.SpinUntil(() => !Entered(model), TimeSpan.FromSeconds(60)));
        Assert.False(end.IsCompleted);
        // Still there for the run under way.
        Assert.Single(model.Run([[new byte[4 * Models.Length]]]));
        model.Leave();
        await end;

        static bool Entered(LoadedModel model)
        {
            if (!model.TryEnter()) return false;
            model.Leave();
            return true;
        }
    }

    [Fact]
    public async Task A_swap_to_what_takes_or_gives_something_else_is_refused_and_the_old_model_answers_on()
    {
        var path = _models.Save("a.onnx");
        await using var service = Int8Service.Load(path, new Int8ServiceOptions { Workers = 1 });
        Assert.Contains("other inputs or outputs than the model that answers: it gives y: Float32 1×11, not y: Float32 1×10.",
            Assert.Throws<CaliperException>(() => service.Swap(_models.Save("other.onnx", classes: 11))).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_models.Folder, "broken.onnx"), "no model");
        Assert.Throws<CaliperException>(() => service.Swap(Path.Combine(_models.Folder, "broken.onnx")));
        Assert.Throws<CaliperException>(() => service.Swap(Path.Combine(_models.Folder, "absent.onnx")));
        Assert.Equal(Models.Answer(path, Models.Sample(3)), await service.RunAsync(Models.Sample(3)));
    }

    [Fact]
    public async Task How_large_an_answer_is_may_depend_on_the_numbers()
    {
        var path = _models.Save("places.onnx", finds: true);
        await using var service = Int8Service.Load(path, new Int8ServiceOptions { Workers = 1, MaxBatch = 4 });
        using var session = Int8Session.Load(path);
        foreach (var seed in Enumerable.Range(0, 8))
        {
            var input = new Dictionary<string, Tensor> { ["x"] = Tensor.Of(Shape.Of(1, 3, 8, 8), Models.Sample(seed)) };
            var (expected, answer) = (session.Run(input)["y"], (await service.RunAsync(input))["y"]);
            Assert.Equal(expected.Shape, answer.Shape);
            Assert.Equal(expected.Span<long>().ToArray(), answer.Span<long>().ToArray());
        }
    }

    [Fact]
    public async Task What_does_not_fit_in_the_queue_is_refused_at_once_and_the_rest_is_answered()
    {
        await using var service = Int8Service.Load(_models.Save("a.onnx"), new Int8ServiceOptions { Workers = 1, QueueCapacity = 3 });
        var asked = Enumerable.Range(0, 2000).Select(i => service.RunAsync(Models.Sample(0))).ToArray();
        var outcomes = await Task.WhenAll(asked.Select(async a =>
        {
            try
            {
                await a;
                return true;
            }
            catch (ServiceBusyException error)
            {
                Assert.Contains("3 requests wait", error.Message, StringComparison.Ordinal);
                return false;
            }
        }));
        // Nothing of 2,000 that come at once is lost, and not all of them can have waited.
        Assert.Contains(true, outcomes);
        Assert.Contains(false, outcomes);
    }

    [Fact]
    public async Task A_request_that_is_given_up_is_not_answered()
    {
        await using var service = Int8Service.Load(_models.Save("a.onnx"), new Int8ServiceOptions { Workers = 1 });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.RunAsync(Models.Sample(0), new CancellationToken(true)));
        using var source = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 200).Select(_ => service.RunAsync(Models.Sample(0), source.Token)).ToArray();
        await source.CancelAsync();
        await Task.WhenAll(waiting.Select(async w => await Record.ExceptionAsync(() => w)));
        Assert.All(waiting, w => Assert.True(w.IsCanceled || w.IsCompletedSuccessfully));
        // It answers others as before.
        Assert.Equal(Models.Classes, (await service.RunAsync(Models.Sample(0))).Length);
    }

    [Fact]
    public async Task Malformed_input_is_an_argument_error_that_says_what_is_taken()
    {
        await using var service = Int8Service.Load(_models.Save("a.onnx"), new Int8ServiceOptions { Workers = 1 });
        var error = await Assert.ThrowsAsync<ArgumentException>(() => service.RunAsync(new float[191]));
        Assert.Contains("192", error.Message, StringComparison.Ordinal);
        var shape = Shape.Of(1, 3, 8, 8);
        foreach (var wrong in new Dictionary<string, Tensor>[]
        {
            [],
            new() { ["z"] = Tensor.Of(shape, new float[192]) },
            new() { ["x"] = Tensor.Of(Shape.Of(2, 3, 8, 8), new float[384]) },
            new() { ["x"] = Tensor.Of(shape, new int[192]) },
            new() { ["x"] = null! },
        })
            await Assert.ThrowsAsync<ArgumentException>(() => service.RunAsync(wrong));
        var answer = await service.RunAsync(new Dictionary<string, Tensor> { ["x"] = Tensor.Of(shape, Models.Sample(5)) });
        Assert.Equal(await service.RunAsync(Models.Sample(5)), answer["y"].Span<float>().ToArray());
        foreach (var wrong in new Int8ServiceOptions[] { new() { MaxBatch = 0 }, new() { ThreadsPerRun = 0 }, new() { ThreadsPerRun = 1000 } })
            Assert.Throws<ArgumentOutOfRangeException>(() => Int8Service.Load(_models.Save("b.onnx"), wrong));
        Assert.Throws<ArgumentNullException>(() => Int8Service.Load(_models.Save("b.onnx"), new Int8ServiceOptions { Clock = null! }));
        Assert.Throws<ArgumentNullException>(() => service.Swap(null!));
    }

    [Fact]
    public async Task The_end_answers_what_waits_and_refuses_what_comes_later()
    {
        var path = _models.Save("a.onnx");
        var service = Int8Service.Load(path, new Int8ServiceOptions { Workers = 1, MaxBatch = 4 });
        var asked = Enumerable.Range(0, 100).Select(i => service.RunAsync(Models.Sample(i))).ToArray();
        await service.DisposeAsync();
        await service.DisposeAsync();
        // Nobody is left waiting: an answer may still be on its way to who asked.
        await Task.WhenAll(asked);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => service.RunAsync(Models.Sample(0)));
        Assert.Throws<ObjectDisposedException>(() => service.Swap(path));
    }

    public void Dispose() => _models.Dispose();
}

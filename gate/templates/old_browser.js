// Internet Explorer and engines before Chromium 103 cannot run the product. They get this page instead of a blank one:
// it is written in place of all that follows, which the last tag turns into text. No word here that such an engine
// does not know.
(function () {
  if (window.AbortSignal && AbortSignal.timeout) return; // came with Chromium 103, Safari 16 and Firefox 100
  function plain(text) {
    return String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;");
  }
  document.write(
    '<title>请换一个浏览器</title></head><body style="margin: 0; background: #f4f7fb; color: #1b2432">' +
    '<div id="old-browser" role="main" style="max-width: 720px; margin: 48px auto; padding: 8px 32px 24px;' +
    ' background: #fff; border: 1px solid #d5dce7; font: 16px/1.8 \'Microsoft YaHei\', \'PingFang SC\', sans-serif">' +
    '<h1 style="font-size: 26px">请换一个浏览器</h1>' +
    "<p>您正在使用的浏览器内核太旧，打不开武汉市人工智能企业培育库。已保存的内容不受影响。以下任一种都可以：</p>" +
    "<ul>" +
    "<li><b>QQ 浏览器、360 安全浏览器、360 极速浏览器</b>：升级到最新版，并在地址栏右端把“兼容模式”切换为“极速模式”；" +
    "兼容模式用的是 IE 内核，不能使用。</li>" +
    "<li><b>Microsoft Edge、谷歌 Chrome、火狐</b>：最新版。Windows 7 可用 Chrome 109。</li>" +
    "<li><b>手机</b>：把系统和浏览器升级到最新版。</li>" +
    "</ul>" +
    "<p>换好后打开：<br>" + plain(location.href) + "</p>" +
    '<p style="font-size: 14px; color: #536074">需要 Chromium 103、Safari 16、Firefox 100 或更新的内核。' +
    "您现在的是：<br>" + plain(navigator.userAgent) + "</p>" +
    '</div><plaintext style="display: none">'
  );
})();
